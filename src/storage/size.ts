/** Sizes: of images by their records, of containers by walking what they wrote. */
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import type { ImageRecord, LayerRecord } from './records.ts';

/** Bytes of the layers of an image as tars. Nothing is walked; a layer without a recorded size counts 0. */
export function layersSize(image: ImageRecord, layers: Map<string, LayerRecord>): number {
  const seen = new Set<string>();
  let size = 0;
  for (const top of [image.layer ?? '', ...(image['mapped-layers'] ?? [])]) {
    for (let layer = layers.get(top); layer && !seen.has(layer.id); layer = layers.get(layer.parent ?? '')) {
      seen.add(layer.id);
      size += Math.max(layer['diff-size'] ?? 0, 0);
    }
  }
  return size;
}

/** Bytes of manifest, configuration and signatures. */
export function bigDataSize(image: ImageRecord): number {
  let size = 0;
  for (const key in image['big-data-sizes']) size += image['big-data-sizes'][key] ?? 0;
  return size;
}

/** Bytes of all files below a folder, each hard-linked file once. What vanishes meanwhile does not count. */
export function folderSize(path: string): number {
  const linked = new Set<string>();
  const count = (folder: string): number => {
    let size = 0;
    for (const name of list(folder)) {
      const stat = lstat(`${folder}/${name}`);
      if (stat === null) continue;
      if (stat.isDirectory()) size += count(`${folder}/${name}`);
      if (!stat.isFile() || !isFirst(stat, linked)) continue;
      size += Number(stat.size);
    }
    return size;
  };
  return count(path);
}

function isFirst(stat: BigIntStats, linked: Set<string>): boolean {
  if (stat.nlink < 2n) return true;
  const key = `${stat.dev}:${stat.ino}`;
  if (linked.has(key)) return false;
  linked.add(key);
  return true;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, 'latin1') as unknown as string[];
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function lstat(path: string): BigIntStats | null {
  try {
    return lstatSync(Buffer.from(path, 'latin1'), { bigint: true });
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
