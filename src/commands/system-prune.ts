import { existsSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import { humanSize } from '../cli/units.ts';
import { TspodError } from '../errors.ts';
import { findNetwork } from '../network/network-store.ts';
import { removeNetwork } from '../network/remove-network.ts';
import { allPods } from '../runtime/pod/pods.ts';
import { prunePods } from '../runtime/pod/remove.ts';
import { pruneContainers } from '../runtime/prune.ts';
import { folderSize } from '../storage/size.ts';
import { confirmed } from './confirm.ts';
import { pruneImages } from './image-prune.ts';
import { unusedNetworks } from './network-prune.ts';
import { unusedVolumes } from './volume-prune.ts';

const flags = defineFlags({
  all: { type: 'boolean', alias: 'a', describe: 'Remove all unused data' },
  build: { type: 'boolean', describe: 'Remove build containers' },
  external: { type: 'boolean', describe: 'Remove container data in storage not controlled by podman' },
  filter: { type: 'list', valueName: 'stringArray', describe: "Provide filter values (e.g. 'label=<key>=<value>')" },
  force: { type: 'boolean', alias: 'f', describe: 'Do not prompt for confirmation.  The default is false' },
  volumes: { type: 'boolean', describe: 'Prune volumes' },
});

type PruneArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'prune [options]',
  describe: 'Remove unused data',
  long: 'podman system prune\n\n        Remove unused data\n',
  flags,
  examples: ['system prune'],

  async handler(args, context) {
    if (args.external) return pruneExternal(args, context);
    if (!args.force && !confirmed(warning(args), context)) return 0;
    const found = await prune(args, context);
    for (const [title, ids] of Object.entries(found.deleted)) {
      if (ids.size > 0) context.stdout(`Deleted ${title}\n${[...ids].map((id) => `${id}\n`).join('')}`);
    }
    context.stdout(`Total reclaimed space: ${humanSize(found.size)}\n`);
    for (const error of found.errors) context.stderr(errorText(error));
    return found.errors.length > 0 ? 125 : 0;
  },
});

interface Pruned {
  deleted: Record<'Containers' | 'Pods' | 'Volumes' | 'Images' | 'Networks', Set<string>>;
  size: number;
  errors: unknown[];
}

/** Until a round finds nothing: what is removed may have been the last user of something else. */
async function prune(args: PruneArgs, context: Context): Promise<Pruned> {
  const titles = ['Containers', 'Pods', 'Volumes', 'Images', 'Networks'] as const;
  const deleted = Object.fromEntries(titles.map((title) => [title, new Set<string>()])) as Pruned['deleted'];
  const found: Pruned = { deleted, size: 0, errors: [] };
  const count = () => Object.values(found.deleted).reduce((sum, ids) => sum + ids.size, 0);
  for (let before = -1; before !== count() && found.errors.length === 0; ) {
    before = count();
    await prunePodsInto(found, context);
    await pruneContainersInto(found, args, context);
    const images = await pruneImages(context, { all: args.all, external: false, filter: args.filter });
    for (const id of images.ids) found.deleted.Images.add(id);
    found.size += images.size;
    await pruneNetworksInto(found, args, context);
    if (args.volumes) pruneVolumesInto(found, args, context);
  }
  return found;
}

async function prunePodsInto(found: Pruned, { engine }: Context): Promise<void> {
  for (const { id, error } of await prunePods(engine, allPods(engine.state))) {
    if (error !== undefined) found.errors.push(error);
    else found.deleted.Pods.add(id);
  }
}

async function pruneContainersInto(found: Pruned, { filter, build }: PruneArgs, { engine }: Context): Promise<void> {
  if (build) found.size += removeBuildContainers(found, engine.store, new Set(engine.state.list().map(idOf)));
  for (const { id, size, error } of await pruneContainers(engine, filter)) {
    if (error !== undefined) found.errors.push(error);
    else found.deleted.Containers.add(id);
    found.size += size;
  }
}

function idOf({ config }: { config: { id: string } }): string {
  return config.id;
}

/** Buildah notes what a working container is in a file of its own. @returns bytes */
function removeBuildContainers(found: Pruned, store: Context['engine']['store'], own: Set<string>): number {
  const isWorking = (id: string) => existsSync(`${store.paths.containerDir}/${id}/userdata/buildah.json`);
  const working = store.containers().filter(({ id }) => !own.has(id) && isWorking(id));
  let size = 0;
  for (const { id } of working) {
    size += store.containerSize(id).rw;
    store.deleteContainer(id);
    found.deleted.Containers.add(id);
  }
  return size;
}

async function pruneNetworksInto(found: Pruned, { filter }: PruneArgs, { engine }: Context): Promise<void> {
  for (const name of unusedNetworks(engine, filter)) {
    await removeNetwork(engine.networkContext, findNetwork(engine.networkContext, name));
    found.deleted.Networks.add(name);
  }
}

function pruneVolumesInto(found: Pruned, { filter }: PruneArgs, context: Context): void {
  for (const { name, mountpoint } of unusedVolumes(filter, context)) {
    found.size += folderSize(mountpoint);
    context.engine.store.removeVolume(name);
    found.deleted.Volumes.add(name);
  }
}

/** Folders that no record accounts for: what crashes of other tools left. */
function pruneExternal({ all, volumes, filter, build }: PruneArgs, { engine }: Context): number {
  if (all || volumes || filter.length > 0 || build) {
    throw new TspodError('BAD_ARGUMENT', 'system prune --external cannot be combined with other options');
  }
  engine.store.recover();
  engine.store.repair(engine.store.check().filter(({ kind }) => kind === 'leftover'));
  return 0;
}

function warning({ all, volumes, build }: PruneArgs): string {
  const lines = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all volumes not used by at least one container'] : []),
    ...(build ? ['all build containers'] : []),
    ...(all ? ['all images without at least one container associated with them', 'all build cache'] : []),
    ...(all ? [] : ['all dangling images', 'all dangling build cache']),
  ];
  return `This command removes:\n${lines.map((line) => `\t- ${line}\n`).join('')}`;
}
