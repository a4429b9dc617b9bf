import { type Context, defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { requireUnshare } from '../config/rootless.ts';
import { TspodError } from '../errors.ts';
import { requireImage } from '../image/lookup.ts';
import type { ImageRecord } from '../storage/records.ts';

interface MountRow {
  image: ImageRecord;
  path: string;
}

export default defineCommand({
  usage: 'mount [options] [IMAGE...]',
  describe: "Mount an image's root filesystem",
  long: `podman image mount
    Lists all mounted images mount points if no images is specified

  podman image mount IMAGE-NAME-OR-ID
    Mounts the specified image and prints the mountpoint
`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Mount all images' },
    format: { type: 'string', describe: 'Print the mounted images in specified format (json)' },
  },
  operands: { complete: 'images' },
  examples: ['image mount imgID', 'image mount imgID1 imgID2 imgID3', 'image mount', 'image mount --all'],

  handler(args, context) {
    requireUnshare('image mount');
    const { operands, all, format = '' } = args;
    if (operands.length > 0 && all) {
      throw new TspodError('BAD_ARGUMENT', 'when using the --all switch, you may not pass any image names or IDs');
    }
    const rows = operands.length > 0 || all ? mountImages(operands, context) : mountedImages(context);
    if (operands.length === 1 && format === '') return context.stdout(`${rows[0]?.path ?? ''}\n`);
    if (isJson(format)) return context.stdout(`${printJson(rows.map(toJson), { indent: ' ' })}\n`);
    if (format !== '') throw new TspodError('BAD_ARGUMENT', `unknown --format argument: "${format}"`);
    context.stdout(listing(rows));
  },
});

/** Images that are mounted now. */
export function mountedImages({ engine }: Context): MountRow[] {
  const mounts = new Map(engine.store.mounts().map((mount) => [mount.id, mount.path]));
  return engine.store.images().flatMap((image) => {
    const path = mounts.get(image.layer ?? '');
    return path === undefined ? [] : [{ image, path }];
  });
}

/** No names: all images of this store. */
function mountImages(names: readonly string[], { engine }: Context): MountRow[] {
  const { store } = engine;
  const chosen = names.map((name) => requireImage(engine, name).record);
  const images = names.length > 0 ? chosen : store.images().filter((image) => image.layer && !store.isReadOnly(image));
  return images.map((image) => ({ image, path: store.mountImage(image.id) }));
}

function toJson({ image, path }: MountRow): unknown {
  return { id: image.id, Names: [image.digest ?? ''], Repositories: image.names ?? [], mountpoint: path };
}

function listing(rows: MountRow[]): string {
  const table = [
    ['ID', 'ID'],
    ['PATH', 'Path'],
  ] as const;
  const shown = rows.map(({ image, path }) => ({ ID: image.names?.[0] ?? image.id, Path: path }));
  return formatRows({ rows: shown, table, noHeading: true });
}
