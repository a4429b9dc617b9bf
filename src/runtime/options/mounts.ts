/** All mounts that a container is created with. */

import { existsSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';
import { randomBytes } from '../../system/random.ts';
import type { BindMount, ContainerConfig, ImageVolume, NamedVolume, OverlayVolume } from '../container.ts';
import { checkMountOptions } from '../spec/mount-options.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { parseMount } from './mount.ts';
import { addMount, checkDestination, destinationOf, type MountRequest, type MountSet } from './mount-set.ts';
import { parseTmpfs } from './tmpfs.ts';
import { anonymousVolume, parseVolume } from './volume.ts';
import { volumesFrom } from './volumes-from.ts';

export type Mounts = Pick<ContainerConfig, 'mounts' | 'volumes' | 'imageVolumeMode'> &
  Required<Pick<ContainerConfig, 'overlayVolumes' | 'imageVolumes'>>;

/** What is asked for on the command line replaces --volumes-from, which replaces the volumes of the image. */
export function buildMounts(input: BuildInput): Mounts {
  const mode = imageVolumeMode(input);
  const set: MountSet = new Map();
  for (const request of imageVolumes(input, mode)) set.set(destinationOf(request), request);
  for (const other of input.options.volumesFrom) {
    for (const request of volumesFrom(other, input)) set.set(destinationOf(request), request);
  }
  for (const [destination, request] of requested(input)) set.set(destination, request);
  const mounts: Mounts = { mounts: [], volumes: [], overlayVolumes: [], imageVolumes: [], imageVolumeMode: mode };
  for (const request of set.values()) sortIn(mounts, request);
  for (const mount of mounts.mounts) checkMount(mount);
  return mounts;
}

function requested({ options, conf }: BuildInput): MountSet {
  const set: MountSet = new Map();
  for (const request of options.mount.flatMap(parseMount)) addOnce(set, request);
  for (const request of options.volume.map(parseVolume)) addMount(set, request);
  for (const request of options.tmpfs.map(parseTmpfs)) {
    addMount(set, request);
  }
  // The configuration gives way to the command line without a word.
  for (const request of [...configuredMounts(conf), ...conf.containers.volumes.map(parseVolume)]) {
    if (!set.has(destinationOf(request))) set.set(destinationOf(request), request);
  }
  return set;
}

function configuredMounts({ containers }: BuildInput['conf']): MountRequest[] {
  try {
    return containers.mounts.flatMap(parseMount);
  } catch (cause) {
    return badArgument(`parsing containers.conf mounts: ${messageOf(cause)}`, cause);
  }
}

function addOnce(set: MountSet, request: MountRequest): void {
  const destination = destinationOf(request);
  if (set.has(destination)) badArgument(`${destination}: duplicate mount destination`);
  set.set(destination, request);
}

type VolumeMode = 'anonymous' | 'tmpfs' | 'ignore';

function imageVolumeMode({ options, conf }: BuildInput): VolumeMode {
  const mode = (options.imageVolume ?? conf.engine.imageVolumeMode) || 'anonymous';
  if (mode === 'bind') return 'anonymous';
  if (mode === 'anonymous' || mode === 'tmpfs' || mode === 'ignore') return mode;
  return badArgument(
    `invalid image volume mode ${JSON.stringify(mode)} required value: anonymous, bind, ignore, nullvolume, tmpfs`,
  );
}

/** An empty or relative path in an image is an error of the image, not of the user: it is named. */
function imageVolumes({ image }: BuildInput, mode: VolumeMode): MountRequest[] {
  if (mode === 'ignore') return [];
  return Object.keys(image?.config.config?.Volumes ?? {}).map((path): MountRequest => {
    if (!path.startsWith('/')) badArgument(`invalid volume ${JSON.stringify(path)} of the image: not an absolute path`);
    const destination = checkDestination(path);
    const options = ['rprivate', 'rw', 'nodev', 'exec'];
    if (mode === 'anonymous') return anonymousVolume(destination, options);
    return { kind: 'mount', mount: { type: 'tmpfs', source: 'tmpfs', destination, options } };
  });
}

function sortIn(mounts: Mounts, request: MountRequest): void {
  if (request.kind === 'mount') mounts.mounts.push(request.mount);
  else if (request.kind === 'volume') mounts.volumes.push(withName(request.volume));
  else if (request.kind === 'overlay') mounts.overlayVolumes.push(checkedOverlay(request.overlay));
  else mounts.imageVolumes.push(request.image satisfies ImageVolume);
}

function withName(volume: NamedVolume): NamedVolume {
  checkIdmap(volume.options);
  return volume.name ? volume : { ...volume, name: randomBytes(32).toString('hex') };
}

function checkedOverlay(overlay: OverlayVolume): OverlayVolume {
  if (!existsSync(overlay.source)) missing(overlay.source);
  return overlay;
}

/** A missing source is found here, so that a runtime's "no such file" is only ever about the command. */
function checkMount({ type, source, options }: BindMount): void {
  checkIdmap(options);
  if (type === 'bind') {
    checkMountOptions(options, 'bind');
    if (!existsSync(source)) missing(source);
  } else if (type === 'tmpfs' || type === 'ramfs') {
    checkMountOptions(options, 'tmpfs');
  }
}

function missing(path: string): never {
  throw new TspodError('BAD_ARGUMENT', `statfs ${path}: no such file or directory`);
}

function checkIdmap(options: string[]): void {
  if (!options.some((option) => option.startsWith('idmap'))) return;
  throw new TspodError('UNSUPPORTED', 'the mount option "idmap" is not supported: user namespaces are not built yet');
}
