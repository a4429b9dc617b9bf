/** Removes an image and the layers that nothing else needs. */
import { TspodError } from '../errors.ts';
import { type LayerSession, withoutNeeded } from './layer-session.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from './records.ts';
import { recoverStore } from './recover.ts';
import type { StoreParts } from './store-parts.ts';
import type { Trash } from './trash.ts';

/**
 * Deletes the record, then the layers from the top down until one is needed by another image, layer or container.
 * @returns ids of the removed layers, top first
 * @throws NO_SUCH_IMAGE, IMAGE_IN_USE when a container of any tool is made from it
 */
export async function deleteImage(parts: StoreParts, id: string): Promise<string[]> {
  recoverStore(parts);
  let trash: Trash | undefined;
  const takeTrash = (taken: Trash) => {
    trash = taken;
  };
  try {
    const going = removeRecords(parts, id, takeTrash);
    const mounted = new Set(parts.mounts.recorded().map((entry) => entry.id));
    for (const layer of going) if (mounted.has(layer)) parts.mounts.drop(layer, true);
    return going;
  } finally {
    await trash?.emptyTogether();
  }
}

function removeRecords(parts: StoreParts, id: string, takeTrash: (trash: Trash) => void): string[] {
  const remove = (layers: LayerSession) =>
    parts.images.update((images) => {
      const all = images.all();
      const image = all.find((candidate) => candidate.id === id);
      if (!image) throw new TspodError('NO_SUCH_IMAGE', `${id}: image not known`);
      const containers = parts.containers.all();
      refuseUsed(image, containers);
      const others = all.filter((other) => other !== image);
      const neighbours = { others, containers, layers: [...layers.permanent(), ...layers.volatile()] };
      const going = removableLayers(image, neighbours);
      if (going.length > 0) layers.announceDelete(going);
      images.save(others);
      if (going.length > 0) layers.finishDelete(going);
      images.removeOrphans();
      return going;
    });
  return parts.layers.update(remove, { takeTrash });
}

function refuseUsed(image: ImageRecord, containers: ContainerRecord[]): void {
  const user = containers.find((container) => container.image === image.id);
  if (user) throw new TspodError('IMAGE_IN_USE', `image used by ${user.id}: image is in use by a container`);
}

interface Neighbours {
  others: ImageRecord[];
  containers: ContainerRecord[];
  layers: LayerRecord[];
}

function removableLayers(image: ImageRecord, { others, containers, layers }: Neighbours): string[] {
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  const tops = new Set(others.flatMap((other) => [other.layer ?? '', ...(other['mapped-layers'] ?? [])]));
  for (const container of containers) tops.add(container.layer);
  const chain = (image['mapped-layers'] ?? []).filter((id) => byId.has(id));
  for (let id = image.layer; id && byId.has(id); id = byId.get(id)?.parent) chain.push(id);
  return withoutNeeded(layers, chain, (layer) => tops.has(layer));
}
