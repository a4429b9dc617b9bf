import { closeSync, openSync, readdirSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { messageOf, TspodError } from '../errors.ts';
import { selectContainers } from '../runtime/select.ts';
import { runTar } from './volume-export.ts';

export default defineCommand({
  usage: 'export [options] CONTAINER',
  describe: "Export container's filesystem contents as a tar archive",
  long: "Exports container's filesystem contents as a tar archive and saves it on the local machine.",
  flags: {
    output: {
      type: 'string',
      alias: 'o',
      describe: 'Write to a specified file (default: stdout, which must be redirected)',
      complete: 'files',
    },
  },
  operands: { min: 1, max: 1, complete: 'containers' },
  examples: ['export ctrID > myCtr.tar', 'export --output="myCtr.tar" ctrID'],

  async handler({ output, operands }, { engine, stdoutIsTerminal }) {
    if (!output && stdoutIsTerminal) {
      throw new TspodError('BAD_ARGUMENT', 'refusing to export to terminal. Use -o flag or redirect');
    }
    if (output?.includes(':'))
      throw new TspodError('BAD_ARGUMENT', `invalid filename (should not contain ':') "${output}"`);
    const [selected] = await selectContainers(engine, { operands });
    if (!selected) return;
    const { id, rootfs } = selected.container.config;
    const fd = output ? create(output) : 1;
    const folder = rootfs || engine.store.mountContainer(id);
    try {
      await runTar([...tarFlags, '-C', folder, '-cf', '-', ...namesIn(folder)], { 1: fd, 2: 2 });
    } finally {
      if (!rootfs) engine.store.unmountContainer(id);
      if (fd !== 1) closeSync(fd);
    }
  },
});

const tarFlags = ['--xattrs', '--numeric-owner', '--one-file-system'];

/** Podman's archives have names without `./`. */
function namesIn(folder: string): string[] {
  const names = readdirSync(folder).sort();
  return names.length > 0 ? ['--', ...names] : ['--files-from', '/dev/null'];
}

function create(path: string): number {
  try {
    return openSync(path, 'w', 0o644);
  } catch (cause) {
    throw new TspodError('SYSTEM', `open ${path}: ${messageOf(cause)}`, { cause });
  }
}
