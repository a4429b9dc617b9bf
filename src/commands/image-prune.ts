import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { Family } from '../image/family.ts';
import { imageFilter } from '../image/filters.ts';
import { removeRecords } from '../image/remove.ts';
import { untilTime } from '../runtime/until.ts';
import { confirmed } from './confirm.ts';
import { joinErrors } from './rmi.ts';

const flags = defineFlags({
  all: { type: 'boolean', alias: 'a', describe: 'Remove every image that no container uses' },
  'build-cache': { type: 'boolean', describe: 'Remove caches of builds too' },
  external: { type: 'boolean', describe: 'Remove also images that only containers of other tools use' },
  filter: { type: 'list', describe: 'Remove only images that fit (NAME=VALUE)', complete: 'none' },
  force: { type: 'boolean', alias: 'f', describe: 'Do not ask' },
});

export default defineCommand({
  usage: 'prune [options]',
  describe: 'Remove unused images',
  long: 'Removes images without a name that nothing uses; with --all, every image that no container uses.',
  flags,
  examples: ['image prune', 'image prune --all --force'],
  async handler(args, context) {
    if (!args.force && !isWanted(args, context)) return;
    const { ids } = await pruneImages(context, args);
    context.stdout(ids.map((id) => `${id}\n`).join(''));
  },
});

export interface ImagePruneOptions {
  all: boolean;
  external: boolean;
  filter: readonly string[];
}

/** Until nothing more is found: a removed image may leave its parent without use. @returns ids and bytes */
export async function pruneImages(
  { engine }: Context,
  { all, external, filter }: ImagePruneOptions,
): Promise<{ ids: string[]; size: number }> {
  const filters = [...filter, 'readonly=false', `containers=${external ? 'external' : 'false'}`];
  if (!all && !filters.some((each) => each.startsWith('dangling='))) filters.push('dangling=true');
  const isExternal = (id: string) => engine.state.get(id) === null;
  const pruned = { ids: [] as string[], size: 0 };
  for (;;) {
    const family = new Family(engine.store);
    const images = engine.store.images().filter(imageFilter(engine, filters, { family, untilTime, isExternal }));
    const sizes = new Map(images.map((image) => [image.id, engine.store.imageSize(image)]));
    const { deleted, errors } = await removeRecords(engine, images, { force: external });
    const failure = joinErrors(errors);
    if (failure) throw failure;
    if (deleted.length === 0) return pruned;
    pruned.ids.push(...deleted);
    for (const id of deleted) pruned.size += sizes.get(id) ?? 0;
  }
}

function isWanted({ all }: Args<typeof flags>, context: Context): boolean {
  const what = all
    ? 'This command removes all images without at least one container associated with them.'
    : 'This command removes all dangling images.';
  return confirmed(what, context);
}
