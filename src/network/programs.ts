/** The two programs that configure the kernel's network: `ip` (iproute2) and `nft` (nftables). */
import { hasErrno, TspodError } from '../errors.ts';
import { runAsync } from '../system/spawn.ts';

export interface ProgramResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an nft script, in the network namespace `netns` if given; it is applied as a whole or not at all. */
export function nft(input: string, netns?: string): Promise<ProgramResult> {
  return runProgram({ file: 'nft', args: ['-f', '-'], input, debianPackage: 'nftables', netns });
}

nft.failed = (stderr: string): TspodError => failure('nft', stderr);

/** Runs lines of `ip -batch`, in the network namespace `netns` if given. Throws NETWORK_FAILED. */
export async function ipBatch(lines: string[], netns?: string): Promise<void> {
  if (lines.length === 0) return;
  const input = `${lines.join('\n')}\n`;
  const { status, stderr } = await runProgram({
    file: 'ip',
    args: ['-batch', '-'],
    input,
    debianPackage: 'iproute2',
    netns,
  });
  if (status !== 0) throw failure('ip', `${failedLine(stderr, lines)}${stderr}`);
}

async function runProgram(options: {
  file: string;
  args: string[];
  input: string;
  debianPackage: string;
  netns?: string | undefined;
}): Promise<ProgramResult> {
  const { file, args, input, netns, debianPackage } = options;
  try {
    return await runAsync({ file, args, input, env: environment(), ...(netns ? { netns } : {}) });
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    throw new TspodError(
      'MISSING_PROGRAM',
      `the program "${file}" is needed for container networks and was not found`,
      {
        hint: `on Debian it is in the package ${debianPackage}: apt-get install ${debianPackage}`,
        cause: error,
      },
    );
  }
}

/** Both live in sbin, which is not in everybody's PATH. */
function environment(): Record<string, string> {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C' };
}

/** `Command failed -:3` says only a number. */
function failedLine(stderr: string, lines: string[]): string {
  const line = lines[Number(/Command failed -:(\d+)/.exec(stderr)?.[1] ?? 0) - 1];
  return line === undefined ? '' : `${line}: `;
}

function failure(program: string, stderr: string): TspodError {
  const [first = 'failed'] = stderr.split('\n').filter((line) => line.trim() !== '');
  return new TspodError(
    'NETWORK_FAILED',
    `${program}: ${first.replace(/^Error: /, '').replace(/^RTNETLINK answers: /, '')}`,
  );
}
