import { existsSync, readFileSync } from 'node:fs';
import { type Args, defineCommand } from '../cli/command.ts';
import type { Engine } from '../engine.ts';
import { TspodError } from '../errors.ts';
import type { ExecRequest } from '../runtime/exec.ts';
import { latestContainer } from '../runtime/select.ts';
import { readCidFiles, selectFlags } from './select-flags.ts';

const flags = {
  cidfile: { type: 'string', describe: 'File to read the container ID from', complete: 'files' },
  detach: { type: 'boolean', alias: 'd', describe: 'Run the exec session in detached mode (backgrounded)' },
  'detach-keys': {
    type: 'string',
    describe:
      'Select the key sequence for detaching a container. Format is a single character [a-Z] or ctrl-<value> where <value> is one of: a-z, @, ^, [, , or _',
  },
  env: { type: 'list', alias: 'e', valueName: 'stringArray', describe: 'Set environment variables' },
  'env-file': {
    type: 'list',
    valueName: 'stringArray',
    describe: 'Read in a file of environment variables',
    complete: 'files',
  },
  interactive: { type: 'boolean', alias: 'i', describe: 'Make STDIN available to the contained process' },
  latest: selectFlags.latest,
  'no-session': { type: 'boolean', describe: 'Do not create a database session for the exec process' },
  'preserve-fd': {
    type: 'csv',
    valueName: 'uints',
    describe: 'Pass a list of additional file descriptors to the container',
  },
  'preserve-fds': {
    type: 'number',
    valueName: 'uint',
    describe: 'Pass N additional file descriptors to the container',
  },
  privileged: {
    type: 'boolean',
    describe: 'Give the process extended Linux capabilities inside the container.  The default is false',
  },
  tty: { type: 'boolean', alias: 't', describe: 'Allocate a pseudo-TTY. The default is false' },
  user: {
    type: 'string',
    alias: 'u',
    describe: 'Sets the username or UID used and optionally the groupname or GID for the specified command',
  },
  wait: { type: 'number', valueName: 'int32', hidden: true, describe: 'Total seconds to wait for container to start' },
  workdir: { type: 'string', alias: 'w', describe: 'Working directory inside the container' },
} as const;

type ExecArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'exec [options] CONTAINER COMMAND [ARG...]',
  describe: 'Run a process in a running container',
  long: 'Execute the specified command inside a running container.',
  flags,
  operands: {},
  passthrough: true,
  examples: ['exec -it ctrID ls', 'exec -it -w /tmp myCtr pwd', 'exec --user root ctrID ls'],

  async handler(args, context) {
    if (args.noSession && (args.detach || args.given.has('detach-keys'))) {
      throw new TspodError('BAD_ARGUMENT', '--no-session cannot be used with --detach or --detach-keys');
    }
    const { engine } = context;
    const { name, command } = target(args);
    const preserveFds = preservedFds(args);
    if (args.wait) await waitForStart(engine, name, args.wait);
    const container = name === null ? latestContainer(engine) : engine.state.find(name);
    const request: ExecRequest = { ...requestOf(args, engine), command, preserveFds };
    const { execAttached, execDetached } = await import('../runtime/exec.ts');
    if (!args.detach) return execAttached(engine, container.config.id, request);
    try {
      context.stdout(`${await execDetached(engine, container.config.id, request)}\n`);
      return 0;
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
      throw new TspodError(error.code, error.message, { cause: error, exitCode: 125 });
    }
  },
});

/** The container's name (null: the latest) and the command. */
function target({ operands, latest, cidfile }: ExecArgs): { name: string | null; command: string[] } {
  if (operands.length === 0 && !latest && !cidfile) {
    const words = 'exec requires the name or ID of a container or the --latest or --cidfile flag';
    throw new TspodError('BAD_ARGUMENT', words);
  }
  if (latest && cidfile) throw new TspodError('BAD_ARGUMENT', '--latest and --cidfile can not be used together');
  if (latest) return { name: null, command: operands };
  if (cidfile) return { name: readCidFiles([cidfile])[0] ?? '', command: operands };
  return { name: (operands[0] ?? '').replace(/^\//, ''), command: operands.slice(1) };
}

function requestOf(args: ExecArgs, engine: Engine): Omit<ExecRequest, 'command'> {
  return {
    env: [...args.envFile.flatMap(readEnvFile), ...args.env.flatMap(envEntry)],
    user: args.user ?? '',
    workDir: args.workdir ?? '',
    tty: args.tty,
    privileged: args.given.has('privileged') ? args.privileged : engine.conf.containers.privileged,
    stdin: args.interactive,
    detachKeys: args.detachKeys ?? engine.conf.engine.detachKeys,
  };
}

/** `NAME` alone takes the value of this process, and nothing when it has none; `NAME*` those with that beginning. */
function envEntry(entry: string): string[] {
  if (entry.startsWith('='))
    throw new TspodError('BAD_ARGUMENT', `parsing environment variables: invalid variable: "${entry}"`);
  if (entry.includes('=')) return [entry];
  const pairs = Object.entries(process.env).map(([name, value]) => [name, `${name}=${value}`] as const);
  if (entry.endsWith('*')) {
    return pairs.flatMap(([name, pair]) => (name.startsWith(entry.slice(0, -1)) ? [pair] : []));
  }
  return pairs.flatMap(([name, pair]) => (name === entry ? [pair] : []));
}

function readEnvFile(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TspodError('BAD_ARGUMENT', `open ${path}: no such file or directory`, { cause: error });
  }
  const lines = text.split('\n').map((line) => line.trimStart().replace(/\r$/, ''));
  return lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap(envEntry);
}

function preservedFds(args: ExecArgs): number[] {
  const count = args.preserveFds ?? 0;
  const counted = Array.from({ length: count }, (_, index) => index + 3);
  for (const fd of counted) if (!isOpen(fd)) throw notAvailable(fd, 'preserve-fds');
  const listed = args.preserveFd.map(Number);
  for (const fd of listed) if (!isOpen(fd)) throw notAvailable(fd, 'preserve-fd');
  return [...new Set([...counted, ...listed])];
}

/** The launcher says what was open before Node opened files of its own, which no process in a container may get. */
function isOpen(fd: number): boolean {
  const inherited = process.env['TSPOD_INHERITED_FDS']?.split(' ');
  return inherited?.includes(String(fd)) === true && existsSync(`/proc/self/fd/${fd}`);
}

function notAvailable(fd: number, option: string): TspodError {
  const words = `file descriptor ${fd} is not available - the ${option} option requires that file descriptors must be passed`;
  return new TspodError('BAD_ARGUMENT', words);
}

async function waitForStart(engine: Engine, name: string | null, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  const { setTimeout: sleep } = await import('node:timers/promises');
  while (Date.now() < deadline) {
    const found = engine.state.list().find(({ config }) => config.name === name || config.id.startsWith(name ?? ' '));
    if (found?.state.status === 'running') return;
    await sleep(100);
  }
  throw new TspodError('TIMEOUT', `timed out waiting for container: ${name}`);
}
