import { accessSync, constants, statSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { isRootless } from '../config/rootless.ts';
import { hasErrno, messageOf, TspodError } from '../errors.ts';

export default defineCommand({
  usage: 'unshare [COMMAND [ARG...]]',
  describe: 'Run a command in a modified user namespace',
  long: 'Runs a command in a modified user namespace.',
  flags: {},
  operands: {},
  passthrough: true,
  examples: ['unshare id', 'unshare cat /proc/self/uid_map', 'unshare podman-script.sh'],

  async handler({ operands }, { engine }) {
    if (!isRootless()) throw new TspodError('BAD_ARGUMENT', 'please use unshare with rootless');
    const shell = process.env['SHELL'];
    const words = operands.length > 0 ? operands : shell ? [shell] : [];
    const [name] = words;
    if (name === undefined) throw new TspodError('BAD_ARGUMENT', 'no command specified and no $SHELL specified');
    const { graphRoot, runRoot } = engine.paths;
    return execute(findProgram(name), words, { CONTAINERS_GRAPHROOT: graphRoot, CONTAINERS_RUNROOT: runRoot });
  },
});

/** This process becomes the program: it is in the namespaces already. */
function execute(file: string, words: string[], added: Record<string, string>): never {
  try {
    return process.execve?.(file, words, { ...process.env, ...added }) as never;
  } catch (cause) {
    throw new TspodError('COMMAND_NOT_EXECUTABLE', `fork/exec ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** @throws COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE */
function findProgram(name: string): string {
  const folders = (process.env['PATH'] ?? '').split(':').filter(Boolean);
  const candidates = name.includes('/') ? [name] : folders.map((folder) => `${folder}/${name}`);
  const found = candidates.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  const program = found.find(isExecutable);
  if (program) return program;
  if (found[0]) throw new TspodError('COMMAND_NOT_EXECUTABLE', `fork/exec ${found[0]}: permission denied`);
  const reason = name.includes('/') ? 'no such file or directory' : 'executable file not found in $PATH';
  throw new TspodError('COMMAND_NOT_FOUND', `exec: ${JSON.stringify(name)}: ${reason}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EACCES')) return false;
    throw error;
  }
}
