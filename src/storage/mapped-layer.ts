/**
 * An image whose files belong to the ids of a user namespace: one layer on top of it, made once for each map. The
 * image's record lists them (`mapped-layers`, as containers/storage has it), so they go when the image goes.
 */
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { messageOf, TspodError } from '../errors.ts';
import { chownTree } from '../system/chown-tree.ts';
import { mountOverlay, unmount } from '../system/mount.ts';
import { randomBytes } from '../system/random.ts';
import type { IdMaps } from '../system/userns.ts';
import { recordMaps } from './id-maps.ts';
import { lowerFolders } from './layer-folder.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import type { StoreParts } from './store-parts.ts';
import { newTempDir } from './temp-dir.ts';

/**
 * The layer to build a container on; undefined for an image without layers.
 * @throws UNSUPPORTED for a driver without overlays, an image of a read-only store, or owners that are not in the map
 */
export function mappedLayer(parts: StoreParts, image: ImageRecord, maps: IdMaps): string | undefined {
  const parent = image.layer;
  if (!parent || isIdentity(maps)) return parent;
  const known = findMapped(parts, image.id, maps);
  if (known) return known;
  if (parts.driver.name !== 'overlay') throw unsupported(`the storage driver "${parts.driver.name}"`);
  if (!parts.images.get(image.id)) throw unsupported('an image of a read-only store');
  const folder = newTempDir(parts.homes.own.tempDirs);
  try {
    fill(parts, parent, folder.path, maps);
    const layer = { id: randomBytes(32).toString('hex'), parent, created: now(), ...recordMaps(maps) };
    return record(parts, image.id, layer, `${folder.path}/layer`, maps);
  } finally {
    folder.remove();
  }
}

function findMapped(parts: StoreParts, imageId: string, maps: IdMaps): string | undefined {
  const ids = new Set(parts.images.get(imageId)?.['mapped-layers'] ?? []);
  const { uidmap, gidmap } = recordMaps(maps);
  const fits = (layer: LayerRecord) =>
    ids.has(layer.id) && isDeepStrictEqual(layer.uidmap, uidmap) && isDeepStrictEqual(layer.gidmap, gidmap);
  return parts.layers.all().find(fits)?.id;
}

function isIdentity({ uids, gids }: IdMaps): boolean {
  return [...uids, ...gids].every(({ containerID, hostID }) => containerID === hostID);
}

function unsupported(what: string): TspodError {
  return new TspodError('UNSUPPORTED', `a user namespace of its own for a container on ${what} is not supported`);
}

/** Everything is taken over by a change of its owner: the upper folder of an overlay receives it. */
function fill(parts: StoreParts, parent: string, folder: string, maps: IdMaps): void {
  const top = parts.driver.find(parts.homes, parent);
  if (top === null) throw new TspodError('CORRUPT_STORE', `layer "${parent}" has no folder in the store`);
  const lowers = [`${top}/diff`, ...lowerFolders(parts.homes, top)];
  const [upper, work, target] = [`${folder}/layer/diff`, `${folder}/work`, `${folder}/merged`];
  for (const path of [upper, work, target]) mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(upper, statSync(`${top}/diff`).mode & 0o7777);
  mountOverlay({ target, lowers, upper, work, options: ['volatile'] });
  try {
    chownTree(target, maps);
  } catch (cause) {
    const words = `a file of the image belongs to an id that the user namespace does not have: ${messageOf(cause)}`;
    throw new TspodError('UNSUPPORTED', words, { cause, hint: 'give the container more ids, for example size=65536' });
  } finally {
    unmount(target, { detach: true });
  }
}

/** Of two processes that made the same, the second uses what the first recorded. */
function record(parts: StoreParts, imageId: string, layer: LayerRecord, from: string, maps: IdMaps): string {
  return parts.layers.update((session) => {
    const other = findMapped(parts, imageId, maps);
    if (other) return other;
    session.announce([layer]);
    try {
      const mode = statSync(`${from}/diff`).mode & 0o7777;
      parts.driver.adopter(parts.homes)(from, layer);
      chmodSync(`${parts.homes.own.home}/${layer.id}/diff`, mode);
      session.addPermanent([layer]);
      parts.images.update((images) => {
        const added = (each: ImageRecord) => ({
          ...each,
          'mapped-layers': [...(each['mapped-layers'] ?? []), layer.id],
        });
        images.save(images.all().map((each) => (each.id === imageId ? added(each) : each)));
      });
    } catch (error) {
      session.abandon([layer.id]);
      throw error;
    }
    session.settle([layer.id]);
    return layer.id;
  });
}

function now(): string {
  return new Date().toISOString().replace('Z', '000000Z');
}
