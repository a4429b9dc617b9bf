/** Overlay and image volumes: mounted by the runtime itself, so that nothing is left when the container is gone. */
import { mkdirSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import type { Mount } from '../../oci/runtime-spec.ts';
import { resolveInRoot } from '../../system/safe-path.ts';
import { inUserNamespace } from '../../system/userns.ts';
import type { ContainerConfig, ImageVolume, OverlayVolume } from '../container.ts';
import { infraProgram } from './destinations.ts';

export interface OverlayInput {
  config: ContainerConfig;
  /** Where writes go: the container's persistent folder. */
  bundle: string;
  /** Mounts an image and returns where; it stays mounted until the container is cleaned up. */
  mountImage(id: string): string;
}

/** For `SpecInput.mounts`. */
export function overlayMounts({ config, bundle, mountImage }: OverlayInput): Mount[] {
  const overlays = (config.overlayVolumes ?? []).map((overlay, index) =>
    overlayMount(overlay, `${bundle}/overlay/${index}`),
  );
  const images = (config.imageVolumes ?? []).map((image, index) => {
    return imageMount(image, mountImage(image.imageId ?? image.source), `${bundle}/image-overlay/${index}`);
  });
  return [...overlays, ...images, ...infraMount(config)];
}

/** The first process of a pod comes from the host: its root file system is an empty folder. */
function infraMount({ infra }: ContainerConfig): Mount[] {
  if (!infra?.init) return [];
  return [{ destination: infraProgram, type: 'bind', source: infra.init, options: ['bind', 'private', 'ro'] }];
}

function overlayMount({ source, destination, options }: OverlayVolume, folder: string): Mount {
  const own = (name: string) => options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  const upper = own('upperdir') ?? makeFolder(`${folder}/upper`);
  const work = own('workdir') ?? makeFolder(`${folder}/work`);
  return overlay(destination, { lower: source, upper, work });
}

function imageMount({ destination, readWrite, subPath }: ImageVolume, mounted: string, folder: string): Mount {
  const lower = subPath ? resolveInRoot(mounted, subPath) : mounted;
  if (!readWrite) return { destination, type: 'bind', source: lower, options: ['rbind', 'rprivate', 'ro'] };
  return overlay(destination, { lower, upper: makeFolder(`${folder}/upper`), work: makeFolder(`${folder}/work`) });
}

function overlay(destination: string, dirs: { lower: string; upper: string; work: string }): Mount {
  for (const path of Object.values(dirs)) {
    // The runtime joins options with commas, and the kernel splits lowerdir at colons.
    if (/[,:\\]/.test(path))
      throw new TspodError('UNSUPPORTED', `overlay of "${path}": commas, colons and backslashes`);
  }
  const options = [
    `lowerdir=${dirs.lower}`,
    `upperdir=${dirs.upper}`,
    `workdir=${dirs.work}`,
    'private',
    ...(inUserNamespace() ? ['userxattr'] : []),
  ];
  return { destination, type: 'overlay', source: 'overlay', options };
}

function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  return path;
}
