/** What images, containers and volumes take on the disk: `system df`. */
import type { ImageRecord } from '../../storage/records.ts';
import { bigDataSize, folderSize } from '../../storage/size.ts';
import type { RuntimeContext } from '../context.ts';
import { processLives } from '../settle.ts';

export interface ImageUsage {
  /** Full name, '' without. */
  name: string;
  id: string;
  created: string;
  /** Bytes of layers that other images have too, and of the rest. */
  sharedSize: number;
  uniqueSize: number;
  containers: number;
}

/** An image with several names is listed with each. `total` counts every layer once. */
export function imageUsage(rt: RuntimeContext): { images: ImageUsage[]; total: number } {
  const { store } = rt;
  const records = store.images();
  const chains = new Map(records.map((image) => [image.id, chainOf(rt, image)]));
  const users = new Map<string, number>();
  for (const layer of [...chains.values()].flatMap((chain) => [...chain.keys()])) {
    users.set(layer, (users.get(layer) ?? 0) + 1);
  }
  const containers = store.containers();
  const images = records.flatMap((image) => {
    const layers = [...(chains.get(image.id) ?? [])];
    const sum = (shared: boolean) =>
      layers.reduce((size, [id, bytes]) => size + ((users.get(id) ?? 0) > 1 === shared ? bytes : 0), 0);
    const usage = {
      id: image.id,
      created: image.created ?? '',
      sharedSize: sum(true),
      uniqueSize: sum(false) + bigDataSize(image),
      containers: containers.filter((container) => container.image === image.id).length,
    };
    const names = image.names?.length ? image.names : [''];
    return names.map((name) => ({ name, ...usage }));
  });
  const sizes = new Map([...chains.values()].flatMap((chain) => [...chain]));
  const total = [...sizes.values(), ...records.map(bigDataSize)].reduce((sum, size) => sum + size, 0);
  return { images, total };
}

/** Ids and bytes of the layers of an image. */
function chainOf({ store }: RuntimeContext, image: ImageRecord): Map<string, number> {
  const chain = new Map<string, number>();
  for (let layer = image.layer ? store.hasLayer(image.layer) : null; layer && !chain.has(layer.id); ) {
    chain.set(layer.id, Math.max(layer['diff-size'] ?? 0, 0));
    layer = layer.parent ? store.hasLayer(layer.parent) : null;
  }
  return chain;
}

export interface ContainerUsage {
  id: string;
  imageId: string;
  command: string[];
  volumes: number;
  /** Bytes that the container wrote. */
  size: number;
  created: string;
  status: string;
  name: string;
}

export function containerUsage(rt: RuntimeContext): ContainerUsage[] {
  return rt.state.list().map(({ config, state }) => ({
    id: config.id,
    imageId: config.imageId,
    command: config.command,
    volumes: config.volumes.length + config.mounts.length,
    // One on a folder of the host has nothing in the store.
    size: config.rootfs ? 0 : rt.store.containerSize(config.id).rw,
    created: config.created,
    status: state.status === 'running' && !processLives(state) ? 'exited' : state.status,
    name: config.name,
  }));
}

export interface VolumeUsage {
  name: string;
  /** Containers that use it. */
  links: number;
  size: number;
}

export function volumeUsage(rt: RuntimeContext): VolumeUsage[] {
  const containers = rt.state.list();
  return rt.store.volumes().map(({ name, mountpoint }) => ({
    name,
    links: containers.filter(({ config }) => config.volumes.some((volume) => volume.name === name)).length,
    size: folderSize(mountpoint),
  }));
}
