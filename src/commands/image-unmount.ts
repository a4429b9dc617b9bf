import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { requireImage } from '../image/lookup.ts';
import { forEachOperand } from './each.ts';
import { mountedImages } from './image-mount.ts';

export default defineCommand({
  usage: 'unmount [options] IMAGE [IMAGE...]',
  describe: "Unmount an image's root filesystem",
  long: `Image storage increments a mount counter each time an image is mounted.

  When an image is unmounted, the mount counter is decremented. The image's root filesystem is physically unmounted only when the mount counter reaches zero indicating no other processes are using the mount.

  An unmount can be forced with the --force flag.
`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Unmount all of the currently mounted images' },
    force: { type: 'boolean', alias: 'f', describe: 'Force the complete unmount of the specified mounted images' },
  },
  operands: { complete: 'images' },
  examples: ['image unmount imgID', 'image unmount imgID1 imgID2 imgID3', 'image unmount --all'],

  handler({ operands, all, force }, context) {
    if (operands.length === 0 && !all) throw new TspodError('BAD_ARGUMENT', 'image name or ID must be specified');
    if (operands.length > 0 && all) {
      throw new TspodError('BAD_ARGUMENT', 'when using the --all switch, you may not pass any image names or IDs');
    }
    const wanted = new Set(operands.map((name) => requireImage(context.engine, name).record.id));
    const ids = mountedImages(context).map(({ image }) => image.id);
    const chosen = all ? ids : ids.filter((id) => wanted.has(id));
    return forEachOperand(chosen, context, (id) => {
      context.engine.store.unmountImage(id, { force });
      return id;
    });
  },
});
