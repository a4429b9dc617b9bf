import { closeSync, openSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { messageOf, TspodError } from '../errors.ts';
import { launch, waitChild } from '../system/spawn.ts';

export default defineCommand({
  usage: 'export [options] VOLUME',
  describe: 'Export volumes',
  long: '\npodman volume export\n\nAllow content of volume to be exported into external tar.',
  flags: {
    output: {
      type: 'string',
      alias: 'o',
      describe: 'Write to a specified file (default: stdout, which must be redirected)',
      complete: 'files',
    },
  },
  operands: { min: 1, max: 1, complete: 'volumes' },

  async handler(args, context) {
    if (args.output === '') throw new TspodError('BAD_ARGUMENT', 'must provide valid path for file to write to');
    if (args.output === undefined && context.stdoutIsTerminal) {
      const words = 'cannot write to terminal, use command-line redirection or the --output flag';
      throw new TspodError('BAD_ARGUMENT', words);
    }
    const { store } = context.engine;
    const volume = store.findVolume(args.operands[0] ?? '');
    const folder = store.mountVolume(volume.name, 'export');
    const fd = args.output === undefined ? 1 : create(args.output);
    try {
      await runTar(['--xattrs', '--numeric-owner', '-C', folder, '-cf', '-', '.'], { 1: fd, 2: 2 });
    } finally {
      if (fd !== 1) closeSync(fd);
      store.unmountVolume(volume.name, 'export');
    }
  },
});

function create(path: string): number {
  try {
    return openSync(path, 'w', 0o644);
  } catch (cause) {
    throw new TspodError('SYSTEM', `unable to create target file path "${path}": ${messageOf(cause)}`, { cause });
  }
}

/** @throws SYSTEM when tar fails; its words went to standard error */
export async function runTar(args: string[], fds: Record<number, number>): Promise<void> {
  const { status, signal } = await waitChild(launch({ file: 'tar', args, fds }));
  if (status !== 0)
    throw new TspodError('SYSTEM', `tar ended with ${signal ? `signal ${signal}` : `status ${status}`}`);
}
