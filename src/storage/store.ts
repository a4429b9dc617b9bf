/**
 * The store: layers, images, containers and volumes under one graph root, shared with Podman, Buildah, Skopeo and
 * CRI-O (docs/shared-store.md). Opening costs nothing; each file is read when it is first needed, and again when it
 * changed.
 */
import { type CheckOptions, checkStore, checkUsers, type Problem } from './check.ts';
import { recoverStore } from './recover.ts';
import { type Repaired, repair } from './repair.ts';
import { StoreContainers } from './store-containers.ts';
import type { StoreOptions } from './store-parts.ts';
import { mountVolume, unmountVolume } from './volume-mounts.ts';
import { type NewVolume, type VolumeRecord, VolumeStore } from './volume-store.ts';

export type { CheckOptions, Problem } from './check.ts';
export type { NewImage } from './commit-image.ts';
export type { NewContainer } from './create-container.ts';
export type { ContainerRecord, ImageRecord, LayerRecord, MountRecord } from './records.ts';
export type { ExpectedLayer, StagedLayer } from './stage-layer.ts';
export type { StoreOptions } from './store-parts.ts';
export type { NewVolume, VolumeRecord } from './volume-store.ts';

/** Opens a store. Nothing is read or made on the disk until something is asked of it. */
export function openStore(options: StoreOptions): Store {
  return new Store(options);
}

export class Store extends StoreContainers {
  #volumes: VolumeStore | undefined;

  /** Named volumes, by name. */
  volumes(): VolumeRecord[] {
    return this.volumeStore.all();
  }

  /** By name or unique prefix. @throws NO_SUCH_VOLUME, AMBIGUOUS_NAME */
  findVolume(name: string): VolumeRecord {
    return this.volumeStore.find(name);
  }

  /** The volume with this very name, or null. */
  volumeByName(name: string): VolumeRecord | null {
    return this.volumeStore.get(name);
  }

  /** '' makes up a name. @throws NAME_IN_USE, BAD_ARGUMENT */
  createVolume(name: string, request: NewVolume = {}): VolumeRecord {
    return this.volumeStore.create(name, request);
  }

  /** With its content; whether a container uses it is for the caller to know. @throws NO_SUCH_VOLUME */
  removeVolume(name: string): void {
    this.volumeStore.remove(name);
  }

  /** A container filled the volume with its image's content and gave it this owner. */
  volumeFilled(name: string, uid: number, gid: number): void {
    this.volumeStore.markFilled(name, uid, gid);
  }

  /** Makes a volume ready for a container. @returns the path of its content */
  mountVolume(name: string, container: string): string {
    return mountVolume(`${this.paths.runRoot}/tspod`, this.findVolume(name), container);
  }

  /** A container is done with a volume. Idempotent. */
  unmountVolume(name: string, container: string): void {
    const volume = this.volumeStore.get(name);
    if (volume) unmountVolume(`${this.paths.runRoot}/tspod`, volume, container);
  }

  /** Looks for damage, quickly; nothing is changed. */
  check(options: CheckOptions = {}): Problem[] {
    return checkStore(this, options);
  }

  /** As `check`, and makes the tar of every layer again to compare it. Takes as long as reading all layers. */
  async checkFully(options: CheckOptions = {}): Promise<Problem[]> {
    const { checkContents } = await import('./check-contents.ts');
    const quick = checkStore(this, options);
    const contents = await checkContents(this);
    if (contents.length === 0) return quick;
    const layers = new Map(this.layers().map((layer) => [layer.id, layer]));
    const damaged = [...quick.filter(({ kind }) => kind === 'layer' || kind === 'leftover'), ...contents];
    return [...damaged, ...checkUsers(this, layers, damaged)];
  }

  /** Removes damaged images, layers and leftovers, except what containers stand on. */
  repair(problems: Problem[]): Repaired {
    return repair(this.parts, problems);
  }

  /** Lets the recovery after a crash run now: the next command that changes something would do the same. */
  recover(): void {
    recoverStore(this.parts);
  }

  /** The whole store goes, with volumes and state: `system reset`. Containers run no more when this is called. */
  async destroy(): Promise<void> {
    const { destroyStore } = await import('./destroy.ts');
    return destroyStore(this.parts);
  }

  private get volumeStore(): VolumeStore {
    this.#volumes ??= new VolumeStore(this.parts.options.volumeDir?.() ?? `${this.paths.graphRoot}/volumes`);
    return this.#volumes;
  }
}
