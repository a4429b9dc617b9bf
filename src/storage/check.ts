/** `system check`: looks for what crashes, other tools or disks broke. Words as Podman's. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import type { Driver } from './driver.ts';
import { bigDataFile, type StorePaths } from './paths.ts';
import type { ContainerRecord, ImageRecord, LayerRecord } from './records.ts';

export interface Problem {
  /** `leftover`: something on the disk that no record accounts for; the id is a path. */
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
  homes: { own: StorePaths; additional: string[] };
  driver: Driver;
  layers(): LayerRecord[];
  images(): ImageRecord[];
  containers(): ContainerRecord[];
  bigData(image: ImageRecord, key: string): Buffer;
  imageConfig(image: ImageRecord): unknown;
  imageManifest(image: ImageRecord): unknown;
}

const day = 24 * 3600 * 1000;

/** @returns what is wrong; empty for a healthy store */
export function checkStore(store: Checkable, options: CheckOptions): Problem[] {
  const layers = new Map(store.layers().map((layer) => [layer.id, layer]));
  const problems = [...layers.values()].flatMap((layer) => checkLayer(store, layer, layers));
  problems.push(...unreferenced(store, layers, options.maxUnreferencedAge ?? day), ...leftovers(store, layers));
  return [...problems, ...checkUsers(store, layers, problems)];
}

/** Images and containers: their own damage, and that of the layers they stand on. */
export function checkUsers(store: Checkable, layers: Map<string, LayerRecord>, before: Problem[]): Problem[] {
  const broken = new Set(before.filter((problem) => problem.kind === 'layer').map((problem) => problem.id));
  const images = store.images().flatMap((image) => checkImage(store, image, { layers, broken }));
  const brokenImages = new Set(images.map((problem) => problem.id));
  const containers = store.containers().flatMap((container) => {
    return checkContainer(store, container, { layers, broken, brokenImages });
  });
  return [...images, ...containers];
}

function checkLayer(store: Checkable, layer: LayerRecord, layers: Map<string, LayerRecord>): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string) => problems.push({ kind: 'layer', id: layer.id, message: `layer ${message}` });
  const home = [store.paths.layerFolders, ...store.homes.additional].find((dir) => existsSync(`${dir}/${layer.id}`));
  if (home === undefined) add(`${layer.id}: its folder is missing`);
  if (layer.parent && !layers.has(layer.parent)) add(`${layer.parent}: layer is missing`);
  if (home !== store.paths.layerFolders) return problems;
  for (const name of store.driver.partsOf(layer)) {
    if (!existsSync(`${home}/${layer.id}/${name}`)) add(`${layer.id}: "${name}" is missing`);
  }
  for (const key of layer['big-data-names'] ?? []) {
    const path = `${store.paths.layerDir}/${layer.id}/${bigDataFile(key)}`;
    if (!existsSync(path)) add(`${layer.id}: data item "${key}": layer data item is missing`);
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
  const old = [...layers.values()].filter((layer) => !used.has(layer.id) && age(layer.created) > maxAge);
  return old.map(({ id }) => {
    return { kind: 'layer', id, message: `layer ${id}: layer not referenced by any images or containers` };
  });
}

function checkImage(
  store: Checkable,
  image: ImageRecord,
  { layers, broken }: { layers: Map<string, LayerRecord>; broken: Set<string> },
): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string) =>
    problems.push({ kind: 'image', id: image.id, message: `image ${image.id}: ${message}` });
  for (const key of image['big-data-names'] ?? []) {
    const data = attempt(() => store.bigData(image, key));
    if (data === null) add(`data item "${key}": image data item is missing`);
    else if (data.length !== (image['big-data-sizes']?.[key] ?? data.length)) {
      add(`data item "${key}": image data item has incorrect size`);
    }
  }
  if (problems.length === 0 && attempt(() => store.imageManifest(image)) === null) add('the manifest cannot be read');
  if (problems.length === 0 && attempt(() => store.imageConfig(image)) === null)
    add('the configuration cannot be read');
  for (const id of chain(image.layer, layers)) {
    if (!layers.has(id)) add(`layer ${id}: image layer is missing`);
    else if (broken.has(id)) add(`layer ${id} is damaged`);
  }
  return problems;
}

interface Damaged {
  layers: Map<string, LayerRecord>;
  broken: Set<string>;
  brokenImages: Set<string>;
}

function checkContainer(store: Checkable, container: ContainerRecord, damaged: Damaged): Problem[] {
  const problems: Problem[] = [];
  const add = (message: string) => {
    problems.push({ kind: 'container', id: container.id, message: `container ${container.id}: ${message}` });
  };
  const { layers, broken, brokenImages } = damaged;
  for (const id of chain(container.layer, layers)) {
    if (!layers.has(id)) add(`layer ${id}: layer is missing`);
    else if (broken.has(id)) add(`layer ${id} is damaged`);
  }
  const image = store.images().find((candidate) => candidate.id === container.image);
  if (container.image && !image) add(`image ${container.image}: image missing`);
  if (image && brokenImages.has(image.id)) add(`image ${image.id} is damaged`);
  for (const key of container['big-data-names'] ?? []) {
    const path = `${store.paths.containerDir}/${container.id}/${bigDataFile(key)}`;
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) add(`data item "${key}": container data item is missing`);
    else if (stat.size !== (container['big-data-sizes']?.[key] ?? stat.size)) {
      add(`data item "${key}": container data item has incorrect size`);
    }
  }
  return problems;
}

/** Ids from the top down; the first that is unknown ends it. */
function chain(top: string | undefined, layers: Map<string, LayerRecord>): string[] {
  const ids: string[] = [];
  for (let id = top; id && !ids.includes(id); id = layers.get(id)?.parent) ids.push(id);
  return ids;
}

/** Folders in the driver's home that no record accounts for. */
function leftovers(store: Checkable, layers: Map<string, LayerRecord>): Problem[] {
  const { layerFolders, tempDirs, layerTempDirs } = store.paths;
  const folders = list(layerFolders).filter((name) => /^[0-9a-f]{64}$/.test(name) && !layers.has(name));
  const message = 'layer in lower level storage driver not accounted for';
  const problems = folders.map((id): Problem => ({ kind: 'leftover', id, message: `layer ${id}: ${message}` }));
  for (const root of [tempDirs, layerTempDirs]) {
    for (const name of list(root).filter((candidate) => candidate.startsWith('temp-dir-'))) {
      const path = `${root}/${name}`;
      // One of a process that is at work is no damage: its lock tells, and repair looks at that.
      if (age(mtime(path)) > day) problems.push({ kind: 'leftover', id: path, message: `staging folder ${path}` });
    }
  }
  return problems;
}

function mtime(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.mtime.toISOString() ?? new Date().toISOString();
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

function age(created: string): number {
  const time = Date.parse(created);
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : Date.now() - time;
}
