import { closeSync, openSync, readSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { messageOf, TspodError } from '../errors.ts';
import { runTar } from './volume-export.ts';

export default defineCommand({
  usage: 'import VOLUME [SOURCE]',
  describe: 'Import a tarball contents into a podman volume',
  long: 'Imports contents into a podman volume from specified tarball (.tar, .tar.gz, .tgz, .bzip, .tar.xz, .txz, .tar.zst).',
  flags: {},
  operands: { min: 2, max: 2 },
  examples: ['volume import my_vol /home/user/import.tar', 'volume import my_vol -'],

  async handler({ operands: [name = '', source = ''] }, { engine }) {
    const volume = engine.store.findVolume(name);
    const fd = source === '-' ? 0 : open(source);
    const folder = engine.store.mountVolume(volume.name, 'import');
    try {
      // tar finds out about the compression only when it may seek: a pipe is taken as it is.
      const decompress = source === '-' ? [] : decompressor(fd);
      await runTar(['--xattrs', '--numeric-owner', ...decompress, '-C', folder, '-xpf', '-'], { 0: fd, 2: 2 });
    } finally {
      if (fd !== 0) closeSync(fd);
      engine.store.unmountVolume(volume.name, 'import');
    }
  },
});

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new TspodError('SYSTEM', `unable open input file: ${messageOf(cause)}`, { cause });
  }
}

const magics: [magic: string, option: string][] = [
  ['1f8b', '--gzip'],
  ['28b52ffd', '--zstd'],
  ['425a68', '--bzip2'],
  ['fd377a585a00', '--xz'],
];

/** By the first bytes, read at their place so that the child still starts at the beginning. */
function decompressor(fd: number): string[] {
  const head = Buffer.alloc(6);
  readSync(fd, head, 0, head.length, 0);
  const found = magics.find(([magic]) => head.toString('hex').startsWith(magic));
  return found ? [found[1]] : [];
}
