import { readSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { Family } from '../image/family.ts';
import { imageFilter } from '../image/filters.ts';
import { removeRecords } from '../image/remove.ts';
import { untilTime } from '../runtime/until.ts';
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
    if (!args.force && !confirmed(args, context)) return;
    const removed = await prune(args, context);
    context.stdout(removed.map((id) => `${id}\n`).join(''));
  },
});

/** Until nothing more is found: a removed image may leave its parent without use. */
async function prune(args: Args<typeof flags>, { engine }: Context): Promise<string[]> {
  const filters = [...args.filter, 'readonly=false', `containers=${args.external ? 'external' : 'false'}`];
  if (!args.all && !filters.some((filter) => filter.startsWith('dangling='))) filters.push('dangling=true');
  const isExternal = (id: string) => engine.state.get(id) === null;
  const removed: string[] = [];
  for (;;) {
    const family = new Family(engine.store);
    const fits = imageFilter(engine, filters, { family, untilTime, isExternal });
    const images = engine.store.images().filter(fits);
    const { deleted, errors } = await removeRecords(engine, images, { force: args.external });
    const failure = joinErrors(errors);
    if (failure) throw failure;
    if (deleted.length === 0) return removed;
    removed.push(...deleted);
  }
}

function confirmed({ all }: Args<typeof flags>, context: Context): boolean {
  const what = all
    ? 'This command removes all images without at least one container associated with them.'
    : 'This command removes all dangling images.';
  context.stdout(`WARNING! ${what}\nAre you sure you want to continue? [y/N] `);
  const answer = Buffer.alloc(64);
  const length = readSync(0, answer, 0, answer.length, null);
  return answer.subarray(0, length).toString().trim().toLowerCase().startsWith('y');
}
