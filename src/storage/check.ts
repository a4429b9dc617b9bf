/** `system check`: looks for what crashes, other tools or disks broke. */
import { existsSync, readdirSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import { bigDataFile, type StorePaths } from './paths.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from './records.ts';

export interface Problem {
  kind: 'layer' | 'image' | 'container' | 'leftover';
  id: string;
  message: string;
}

export interface CheckOptions {
  /** Milliseconds for which a layer may be without image or container: it may belong to a pull that runs. */
  maxUnreferencedAge?: number;
}

/** What the check needs of a store. */
export interface Checkable {
  paths: StorePaths;
  layers(): LayerRecord[];
  images(): ImageRecord[];
  containers(): ContainerRecord[];
  isReadOnly(image: ImageRecord): boolean;
  bigData(image: ImageRecord, key: string): Buffer;
  imageConfig(image: ImageRecord): { rootfs: { diff_ids: string[] } };
  imageManifest(image: ImageRecord): unknown;
  homes: { own: StorePaths; additional: string[] };
}

const day = 24 * 3600 * 1000;

/** @returns what is wrong; empty for a healthy store */
export function checkStore(store: Checkable, options: CheckOptions): Problem[] {
  const layers = new Map(store.layers().map((layer) => [layer.id, layer]));
  return [
    ...[...layers.values()].flatMap((layer) => checkLayer(store, layer, layers)),
    ...unreferenced(store, layers, options.maxUnreferencedAge ?? day),
    ...store.images().flatMap((image) => checkImage(store, image, layers)),
    ...store.containers().flatMap((container) => checkContainer(store, container, layers)),
    ...leftovers(store, layers),
  ];
}

function checkLayer(store: Checkable, layer: LayerRecord, layers: Map<string, LayerRecord>): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string) => problems.push({ kind: 'layer', id: layer.id, message });
  const home = [store.homes.own.overlay, ...store.homes.additional].find((dir) => existsSync(`${dir}/${layer.id}`));
  if (home === undefined) add('the folder is missing');
  if (layer.parent && !layers.has(layer.parent)) add(`the parent ${layer.parent} is missing`);
  if (home !== store.paths.overlay) return problems;
  const folder = `${home}/${layer.id}`;
  for (const name of ['diff', 'link', ...(layer.parent ? ['lower'] : [])]) {
    if (!existsSync(`${folder}/${name}`)) add(`"${name}" is missing`);
  }
  if (layer['diff-digest'] && !existsSync(`${store.paths.layerDir}/${layer.id}.tar-split.gz`)) {
    add('the tar-split file is missing: the layer cannot be pushed as it was');
  }
  return problems;
}

function unreferenced(store: Checkable, layers: Map<string, LayerRecord>, maxAge: number): Problem[] {
  const used = new Set<string>();
  const tops = store.images().flatMap((image) => [image.layer ?? '', ...(image['mapped-layers'] ?? [])]);
  for (const container of store.containers()) tops.push(container.layer);
  for (const top of tops) {
    for (let id = top; id && !used.has(id); id = layers.get(id)?.parent ?? '') used.add(id);
  }
  const old = [...layers.values()].filter((layer) => !used.has(layer.id) && age(layer) > maxAge);
  return old.map((layer) => ({ kind: 'layer', id: layer.id, message: 'no image and no container uses it' }));
}

function checkImage(store: Checkable, image: ImageRecord, layers: Map<string, LayerRecord>): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string) => problems.push({ kind: 'image', id: image.id, message });
  if (image.layer && !layers.has(image.layer)) add(`the layer ${image.layer} is missing`);
  for (const [key, size] of Object.entries(image['big-data-sizes'] ?? {})) {
    const data = attempt(() => store.bigData(image, key));
    if (data === null) add(`the data item "${key}" is missing`);
    else if (data.length !== size) add(`the data item "${key}" has ${data.length} bytes, ${size} are recorded`);
  }
  if (attempt(() => store.imageManifest(image)) === null) add('the manifest cannot be read');
  const config = attempt(() => store.imageConfig(image));
  if (config === null) add('the configuration cannot be read');
  else if (!sameChain(config.rootfs.diff_ids, image, layers)) add('the layers are not those of the configuration');
  return problems;
}

/** Docker's "empty layers" and layers without diff-digest are not compared. */
function sameChain(diffIds: string[], image: ImageRecord, layers: Map<string, LayerRecord>): boolean {
  const chain: LayerRecord[] = [];
  for (let layer = layers.get(image.layer ?? ''); layer; layer = layers.get(layer.parent ?? '')) chain.unshift(layer);
  if (chain.length !== diffIds.length) return !image.layer || chain.length === 0;
  return chain.every((layer, index) => !layer['diff-digest'] || layer['diff-digest'] === diffIds[index]);
}

function checkContainer(store: Checkable, container: ContainerRecord, layers: Map<string, LayerRecord>): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string) => problems.push({ kind: 'container', id: container.id, message });
  if (container.layer && !layers.has(container.layer)) add(`its layer ${container.layer} is missing`);
  if (container.image && !store.images().some((image) => image.id === container.image)) {
    add(`its image ${container.image} is missing`);
  }
  for (const key of container['big-data-names'] ?? []) {
    const path = `${store.paths.containerDir}/${container.id}/${bigDataFile(key)}`;
    if (!existsSync(path)) add(`the data item "${key}" is missing`);
  }
  return problems;
}

/** Folders in the driver's home that no record accounts for. */
function leftovers(store: Checkable, layers: Map<string, LayerRecord>): Problem[] {
  const known = new Set(['l', 'staging', 'tempdirs', ...layers.keys()]);
  const folders = list(store.paths.overlay).filter((name) => /^[0-9a-f]{64}$/.test(name) && !known.has(name));
  const problems = folders.map((id): Problem => ({ kind: 'leftover', id, message: 'a layer folder without a record' }));
  for (const root of [store.paths.tempDirs, store.paths.layerTempDirs]) {
    const stale = list(root).filter((name) => name.startsWith('temp-dir-'));
    for (const name of stale) problems.push({ kind: 'leftover', id: name, message: `a staging folder in "${root}"` });
  }
  return problems;
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function attempt<T>(fn: () => T): T | null {
  try {
    return fn();
  } catch {
    return null;
  }
}

function age(layer: LayerRecord): number {
  const created = Date.parse(layer.created);
  return Number.isNaN(created) ? Number.POSITIVE_INFINITY : Date.now() - created;
}
