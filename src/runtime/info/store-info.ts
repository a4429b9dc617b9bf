/** The "store" part of `info`, with Podman's JSON names; counts are taken when they are shown. */
import { mkdirSync, statfsSync } from 'node:fs';
import type { StorageConf } from '../../config/storage-conf.ts';
import type { RuntimeContext } from '../context.ts';
import { processLives } from '../settle.ts';

export type StoreInfo = ReturnType<typeof storeInfo>;

export function storeInfo(rt: RuntimeContext, conf: StorageConf) {
  const { graphRoot } = conf;
  mkdirSync(graphRoot, { recursive: true, mode: 0o700 });
  return {
    configFile: conf.file || '/usr/share/containers/storage.conf',
    get containerStore() {
      return containerStore(rt);
    },
    graphDriverName: conf.driver,
    graphOptions: graphOptions(conf),
    graphRoot,
    get graphRootAllocated() {
      const { blocks, bsize } = statfsSync(graphRoot);
      return blocks * bsize;
    },
    get graphRootUsed() {
      const { blocks, bfree, bsize } = statfsSync(graphRoot);
      return (blocks - bfree) * bsize;
    },
    graphStatus: conf.driver === 'overlay' ? graphStatus(graphRoot) : {},
    imageCopyTmpDir: process.env['TMPDIR'] || rt.conf.engine.imageCopyTmpDir || '/var/tmp',
    get imageStore() {
      return { number: rt.store.images().length };
    },
    runRoot: conf.runRoot,
    volumePath: rt.paths.volumeDir,
    transientStore: conf.transientStore,
  };
}

function containerStore(rt: RuntimeContext) {
  const all = rt.state.list();
  const count = (status: string) => all.filter(({ state }) => state.status === status && processLives(state)).length;
  const paused = count('paused');
  const running = count('running');
  return { number: all.length, paused, running, stopped: all.length - paused - running };
}

/** As storage.conf and --storage-opt have them, by their full names. */
function graphOptions(conf: StorageConf): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  if (conf.additionalImageStores.length > 0) {
    options['overlay.additionalImageStores'] = conf.additionalImageStores;
    options['overlay.imagestore'] = conf.additionalImageStores.at(-1);
  }
  if (conf.mountopt !== '') options['overlay.mountopt'] = conf.mountopt;
  if (conf.mountProgram !== '') options['overlay.mount_program'] = conf.mountProgram;
  return options;
}

/** Names of file systems as Podman prints them, by the magic number of statfs. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  801189825: 'zfs',
  2035054128: 'overlayfs',
  4076150800: 'f2fs',
  26985: 'nfs',
  1702057286: 'fuse',
};

function graphStatus(graphRoot: string): Record<string, string> {
  const { type } = statfsSync(graphRoot);
  return {
    'Backing Filesystem': FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`,
    'Native Overlay Diff': 'true',
    'Supports d_type': 'true',
    'Supports shifting': 'true',
    'Supports volatile': 'true',
    'Using metacopy': 'false',
  };
}
