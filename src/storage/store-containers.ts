/** The half of the store that is about containers and mounts. */
import { TspodError } from '../errors.ts';
import type { IdMaps } from '../system/userns.ts';
import { createContainer, type NewContainer, refuseTakenName } from './create-container.ts';
import { deleteContainer, removeRecords } from './delete-container.ts';
import type { ContainerRecord, MountRecord } from './records.ts';
import { StoreImages } from './store-images.ts';

export class StoreContainers extends StoreImages {
  /** Containers of every tool that uses this store. */
  containers(): ContainerRecord[] {
    return this.parts.containers.all();
  }

  /** Makes the writable layer and the record. @throws NAME_IN_USE, CORRUPT_STORE */
  createContainer(request: Omit<NewContainer, 'image'> & { imageId: string | null }): ContainerRecord {
    const { imageId, ...rest } = request;
    const image = imageId === null || imageId === '' ? null : this.image(imageId);
    // In a transient store everything of a container is gone after a reboot.
    const volatile = rest.volatile || this.parts.options.transientStore === true;
    return createContainer(this.parts, { ...rest, volatile, image });
  }

  /**
   * As `createContainer`, for a container whose user namespace has these ids. The first of an image copies it.
   * @throws UNSUPPORTED when a file's owner is not among the ids
   */
  async createMappedContainer(
    request: Omit<NewContainer, 'image'> & { imageId: string | null; idMaps: IdMaps },
  ): Promise<ContainerRecord> {
    const { imageId, ...rest } = request;
    if (!imageId) return this.createContainer(request);
    const { mappedLayer } = await import('./mapped-layer.ts');
    const layer = mappedLayer(this.parts, this.image(imageId), request.idMaps);
    const volatile = rest.volatile || this.parts.options.transientStore === true;
    return createContainer(this.parts, { ...rest, volatile, image: { id: imageId, ...(layer && { layer }) } });
  }

  /** Mounts a container's root. @returns its path. @throws NO_SUCH_CONTAINER, CORRUPT_STORE */
  mountContainer(id: string): string {
    const container = this.#container(id);
    const volatile = container.flags?.['Volatile'] === true && this.parts.options.disableVolatile !== true;
    return this.#mount(container.layer, { volatile });
  }

  /** One user of the mount less. @returns true if others still use it. A container that is gone is fine. */
  unmountContainer(id: string, options: { force?: boolean } = {}): boolean {
    const container = this.parts.containers.get(id);
    return container ? this.parts.mounts.drop(container.layer, options.force ?? false) : false;
  }

  /** Removes a container, its folders and its layer. Idempotent. */
  deleteContainer(id: string): void {
    deleteContainer(this.parts, id);
  }

  /** @throws NO_SUCH_CONTAINER, NAME_IN_USE */
  rename(id: string, name: string): void {
    this.parts.containers.update((session) => {
      const all = session.all();
      const container = all.find((candidate) => candidate.id === id);
      if (!container) throw new TspodError('NO_SUCH_CONTAINER', `no container with ID "${id}" in the store`);
      const renamed = { ...container, names: [name] };
      refuseTakenName(
        all.filter((other) => other !== container),
        renamed,
      );
      session.replace(renamed);
    });
  }

  /** Mounts an image read-only. @returns its path */
  mountImage(id: string): string {
    return this.#mount(this.#topLayer(id), { readOnly: true });
  }

  /** @returns true if others still use the mount */
  unmountImage(id: string, options: { force?: boolean } = {}): boolean {
    return this.parts.mounts.drop(this.#topLayer(id), options.force ?? false);
  }

  /** Layers that are mounted now, with the number of users. */
  mounts(): MountRecord[] {
    return this.parts.mounts.all();
  }

  /** Bytes: what a container wrote, and with its image's layers. */
  containerSize(id: string): { rw: number; rootfs: number } {
    const container = this.#container(id);
    const rw = container.layer ? this.#writtenSize(container.layer) : 0;
    const image = container.image ? this.images().find((candidate) => candidate.id === container.image) : undefined;
    return { rw, rootfs: rw + (image ? this.imageSize(image) : 0) };
  }

  /** Removes records of containers whose layer is gone: `system check --repair`. */
  forgetContainers(ids: string[]): void {
    removeRecords(
      this.parts,
      this.containers().filter((container) => ids.includes(container.id)),
    );
  }

  #mount(layer: string, options: { volatile?: boolean; readOnly?: boolean }): string {
    const { driver, homes, mounts } = this.parts;
    const { mountopt = '', mountProgram = '' } = this.parts.options;
    const doMount = () => driver.mount(homes, layer, { mountopt, mountProgram, ...options });
    return mounts.add(layer, driver.mountTarget(homes, layer), doMount);
  }

  #writtenSize(layer: string): number {
    const record = this.hasLayer(layer);
    return record ? this.driver.writtenSize(this.homes, record) : 0;
  }

  #container(id: string): ContainerRecord {
    const container = this.parts.containers.get(id);
    if (!container) throw new TspodError('NO_SUCH_CONTAINER', `no container with ID "${id}" in the store`);
    return container;
  }

  #topLayer(imageId: string): string {
    const image = this.image(imageId);
    if (!image.layer) throw new TspodError('UNSUPPORTED', `image "${imageId}" has no layers to mount`);
    return image.layer;
  }
}
