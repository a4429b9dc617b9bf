/** Makes staged layers and an image part of the store. */
import { closeSync, openSync, renameSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { syncfs } from '../system/xattr.ts';
import type { AdoptLayer } from './driver.ts';
import type { ImageSession } from './image-store.ts';
import { maxLowers } from './layer-folder.ts';
import { layerIds } from './layer-id.ts';
import type { LayerSession } from './layer-session.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import { recoverStore } from './recover.ts';
import { discardLayer, type StagedLayer } from './stage-layer.ts';
import type { StoreParts } from './store-parts.ts';

export interface NewImage {
  /** Hex of the config's digest. */
  id: string;
  /** Full, normalised names; other images lose them. */
  names: string[];
  /** Base first: a staged layer, or the id of one that the store has. */
  staged: (StagedLayer | string)[];
  /** RFC 3339, from the image's configuration. */
  created: string;
  /** Of the list through which it came, else of the manifest. */
  digest?: Digest;
  bigData: [key: string, data: Buffer][];
  /** JSON text. */
  metadata?: string;
}

/** Layers of read-only stores count as present. */
export type ImageParts = StoreParts & { hasLayer(id: string): LayerRecord | null };

/**
 * Records the layers in one step, then the image, both under layers.lock: nobody can take the layers for unused in
 * between. Staged layers that another process committed meanwhile are thrown away, and its are used.
 * @throws CORRUPT_STORE when a layer that should be there has gone
 */
export async function commitImage(parts: ImageParts, image: NewImage): Promise<ImageRecord> {
  const ids = idsOf(parts, image.staged);
  try {
    refuseTooDeep(ids.length);
    recoverStore(parts);
    if (parts.driver.prepareLayers) await parts.driver.prepareLayers(parts.homes, foldersOf(image.staged, ids));
    if (parts.options.sync === 'filesystem') syncContent(parts.homes.own.graphRoot);
    return parts.layers.update((session) => {
      const added = commitLayers(parts, session, image.staged, ids);
      const record = parts.images.update((images) => recordImage(images, image, ids.at(-1)));
      if (added.length > 0) session.settle(added);
      return record;
    });
  } finally {
    for (const layer of image.staged) if (typeof layer !== 'string') discardLayer(layer);
  }
}

function foldersOf(staged: (StagedLayer | string)[], ids: string[]): { id: string; staged: string | null }[] {
  const folderOf = (layer: StagedLayer | string) => (typeof layer === 'string' ? null : `${layer.folder.path}/layer`);
  return staged.map((layer, index) => ({ id: ids[index] ?? '', staged: folderOf(layer) }));
}

/** @throws UNSUPPORTED: the kernel could never mount it */
function refuseTooDeep(layers: number): void {
  if (layers <= maxLowers) return;
  throw new TspodError('UNSUPPORTED', `the image has ${layers} layers: overlayfs mounts ${maxLowers} at most`);
}

/** Ids by the chain rule; a layer given by its id keeps it. */
function idsOf(parts: ImageParts, staged: (StagedLayer | string)[]): string[] {
  const diffIds: Digest[] = [];
  const ids: string[] = [];
  for (const layer of staged) {
    if (typeof layer === 'string') ids.push(layer);
    const diffId = typeof layer === 'string' ? parts.hasLayer(layer)?.['diff-digest'] : layer.diffId;
    if (diffId) diffIds.push(diffId);
    if (typeof layer !== 'string') ids.push(layerIds(diffIds).at(-1) ?? '');
  }
  return ids;
}

interface Addition {
  staged: StagedLayer;
  record: LayerRecord;
}

function commitLayers(
  parts: ImageParts,
  session: LayerSession,
  staged: (StagedLayer | string)[],
  ids: string[],
): string[] {
  const known = new Set(session.permanent().map((layer) => layer.id));
  const additions: Addition[] = [];
  for (const [index, layer] of staged.entries()) {
    const id = ids[index] ?? '';
    if (known.has(id) || (typeof layer === 'string' && isElsewhere(parts, id))) continue;
    if (typeof layer === 'string') throw new TspodError('CORRUPT_STORE', `layer "${id}" is no longer in the store`);
    additions.push({ staged: layer, record: layerRecord(layer, id, ids[index - 1]) });
    known.add(id);
  }
  if (additions.length > 0) addLayers(parts, session, additions);
  return additions.map((addition) => addition.record.id);
}

function isElsewhere(parts: ImageParts, id: string): boolean {
  return parts.readOnly.some((store) => store.layers().some((layer) => layer.id === id));
}

function addLayers(parts: ImageParts, session: LayerSession, additions: Addition[]): void {
  const records = additions.map((addition) => addition.record);
  session.announce(records);
  try {
    const adopt = parts.driver.adopter(parts.homes);
    for (const addition of additions) moveIn(parts, session, addition, adopt);
    session.addPermanent(records);
  } catch (error) {
    session.abandon(records.map((record) => record.id));
    throw error;
  }
}

function moveIn(parts: ImageParts, session: LayerSession, { staged, record }: Addition, adopt: AdoptLayer): void {
  const { own } = parts.homes;
  session.clear(record.id);
  adopt(`${staged.folder.path}/layer`, record);
  renameSync(`${staged.tarSplit.path}/tar-split.gz`, `${own.layerDir}/${record.id}.tar-split.gz`);
}

function layerRecord(staged: StagedLayer, id: string, parent: string | undefined): LayerRecord {
  const { result } = staged;
  return {
    id,
    ...(parent ? { parent } : {}),
    created: new Date().toISOString().replace('Z', '000000Z'),
    ...compressedParts(staged),
    'diff-digest': result.diffId,
    'diff-size': result.diffSize,
    ...(result.uids.length > 0 ? { uidset: result.uids } : {}),
    ...(result.gids.length > 0 ? { gidset: result.gids } : {}),
  };
}

/** What is known of the blob: nothing but its table of contents when only parts of it came. */
function compressedParts({ result, tocDigest }: StagedLayer): Partial<LayerRecord> {
  if (tocDigest) return { 'toc-digest': tocDigest, compression: 4 };
  return {
    'compressed-diff-digest': result.compressedDigest,
    'compressed-size': result.compressedSize,
    ...(result.compression === 0 ? {} : { compression: result.compression }),
  };
}

/** A record with the id exists when the same image comes under another name or with another manifest. */
function recordImage(session: ImageSession, image: NewImage, top: string | undefined): ImageRecord {
  const others = session.all().filter((other) => other.id !== image.id);
  const before = session.all().find((other) => other.id === image.id);
  const names = new Set([...image.names, ...(before?.names ?? [])]);
  const record: ImageRecord = {
    ...before,
    id: image.id,
    ...(image.digest && !before ? { digest: image.digest } : {}),
    names: [...names],
    'names-history': namesHistory([...names], before?.['names-history']),
    ...(top ? { layer: top } : {}),
    metadata: image.metadata ?? before?.metadata ?? '{}',
    created: validTime(image.created),
  };
  session.addBigData(record, image.bigData);
  session.save([...others.map((other) => withoutNames(other, image.names)), record]);
  return record;
}

/** Newest first, as Podman keeps them: the names of now from the last to the first, then those of before. */
export function namesHistory(names: readonly string[], before: readonly string[] = []): string[] {
  return [...new Set([...[...names].reverse(), ...before])];
}

/** A name is unique over all images: who gets it takes it from the one that had it. */
export function withoutNames(image: ImageRecord, names: string[]): ImageRecord {
  if (!image.names?.some((name) => names.includes(name))) return image;
  return { ...image, names: image.names.filter((name) => !names.includes(name)) };
}

/** The text comes from the image; one that is no RFC 3339 would make every tool of the family refuse the whole file. */
function validTime(text: string): string {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text);
  return isTime && !Number.isNaN(Date.parse(text)) ? text : new Date().toISOString();
}

function syncContent(path: string): void {
  const fd = openSync(path, 'r');
  try {
    syncfs(fd);
  } finally {
    closeSync(fd);
  }
}
