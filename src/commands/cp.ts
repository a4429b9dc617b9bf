import { defineCommand } from '../cli/command.ts';
import { copy } from '../runtime/copy/copy.ts';

export default defineCommand({
  usage: 'cp [options] [CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH',
  describe: 'Copy files/folders between a container and the local filesystem',
  long: `Copy the contents of SRC_PATH to the DEST_PATH.

  You can copy from the container's file system to the local machine or the reverse, from the local filesystem to the container. If "-" is specified for either the SRC_PATH or DEST_PATH, you can also stream a tar archive from STDIN or to STDOUT. The CONTAINER can be a running or stopped container. The SRC_PATH or DEST_PATH can be a file or a directory.
`,
  flags: {
    archive: {
      type: 'boolean',
      alias: 'a',
      default: true,
      describe: 'Chown copied files to the primary uid/gid of the destination container.',
    },
    extract: { type: 'boolean', hidden: true, describe: 'Deprecated...' },
    overwrite: { type: 'boolean', describe: 'Allow to overwrite directories with non-directories and vice versa' },
    pause: { type: 'boolean', default: true, hidden: true, describe: 'Deprecated' },
  },
  operands: { min: 2, max: 2, complete: 'containers' },
  examples: ['cp [options] [CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH'],

  async handler({ operands: [source = '', destination = ''], archive, overwrite }, { engine }) {
    await copy(engine, source, destination, { chown: archive, overwrite });
  },
});
