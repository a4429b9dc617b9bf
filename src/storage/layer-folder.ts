/** The folder of one layer in the overlay driver's home: GRAPHROOT/overlay/ID. */

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import { randomFillSync } from '../system/random.ts';
import type { LayerHomes } from './driver.ts';
import type { StorePaths } from './paths.ts';
import type { TempDir } from './temp-dir.ts';

/** Overlayfs takes 500 lower folders. */
export const maxLowers = 500;

/** What a new layer is made on: the parent's chain, top first. */
export interface ParentChain {
  /** Ids, parent first. */
  ids: string[];
  /** `l/LINK` of each. */
  links: string[];
  /** Folder of the parent's content: a new writable layer takes its mode and owner. */
  diff: string;
}

/** Folder of a layer, or null. */
export function findLayerFolder(homes: LayerHomes, id: string): string | null {
  for (const home of [homes.own.layerFolders, ...homes.additional]) {
    if (existsSync(`${home}/${id}/link`)) return `${home}/${id}`;
  }
  return null;
}

/** Reads the chain that ends in `parent`. @throws CORRUPT_STORE when the parent's folder or link is gone. */
export function readChain(homes: LayerHomes, parent: string): ParentChain {
  const folder = findLayerFolder(homes, parent);
  if (folder === null) throw new TspodError('CORRUPT_STORE', `layer "${parent}" has no folder in the store`);
  const lower = readOptional(`${folder}/lower`);
  const links = [`l/${readFileSync(`${folder}/link`, 'utf8')}`, ...(lower === '' ? [] : lower.split(':'))];
  const known = readOptional(`${folder}/lower-layers`);
  const below = known === '' ? links.slice(1).map((link) => idOfLink(homes, link)) : known.split(':');
  if (links.length > maxLowers) throw new TspodError('CORRUPT_STORE', `layer "${parent}": max depth exceeded`);
  return { ids: [parent, ...below], links, diff: `${folder}/diff` };
}

/** Makes the folder of a container's writable layer. The layer is recorded as incomplete when this runs. */
export function makeWritableFolder(paths: StorePaths, id: string, chain: ParentChain | null): void {
  const folder = `${paths.home}/${id}`;
  makeFolder(paths.home, folder);
  makeDiff(`${folder}/diff`, chain === null ? null : chain.diff);
  finishFolder(paths, id, chain);
}

/**
 * Completes a folder that has its `diff` already: the short name, the lower chain, work and merged.
 * @returns the short name
 */
export function finishFolder(paths: StorePaths, id: string, chain: ParentChain | null): string {
  const folder = `${paths.home}/${id}`;
  const link = newLink();
  // The file goes first: whoever cleans up after a crash finds the short name by it.
  writeFileSync(`${folder}/link`, link, { mode: 0o644 });
  linkLayer(paths, id, link);
  mkdirSync(`${folder}/work`, { mode: 0o700 });
  mkdirSync(`${folder}/merged`, { mode: 0o700 });
  if (chain === null) {
    mkdirSync(`${folder}/empty`, { mode: 0o700 });
    return link;
  }
  writeFileSync(`${folder}/lower`, chain.links.join(':'), { mode: 0o644 });
  writeFileSync(`${folder}/lower-layers`, chain.ids.join(':'), { mode: 0o644 });
  return link;
}

/** Moves a layer's folder away and drops its short name; nothing happens where there is none. */
export function takeFolder(paths: StorePaths, id: string, trash: TempDir): void {
  const link = readOptional(`${paths.home}/${id}/link`);
  if (/^[A-Z2-7]{26}$/.test(link)) removeQuietly(`${paths.links}/${link}`);
  trash.take(`${paths.home}/${id}`);
}

/** Absolute lower folders of a layer, top first. @throws CORRUPT_STORE when one is missing */
export function lowerFolders(homes: LayerHomes, folder: string): string[] {
  const lower = readOptional(`${folder}/lower`);
  return lower === '' ? [] : lower.split(':').map((link) => `${homeOfLink(homes, link)}/${link}`);
}

function homeOfLink(homes: LayerHomes, link: string): string {
  if (!/^l\/[A-Z2-7]+$/.test(link)) throw new TspodError('CORRUPT_STORE', `"${link}" is no name of a lower layer`);
  if (homes.additional.length === 0) return homes.own.home;
  const home = [homes.own.layerFolders, ...homes.additional].find((candidate) => existsSync(`${candidate}/${link}`));
  if (home === undefined) throw new TspodError('CORRUPT_STORE', `lower layer "${link}" is in none of the stores`);
  return home;
}

function idOfLink(homes: LayerHomes, link: string): string {
  const target = readlinkSync(`${homeOfLink(homes, link)}/${link}`);
  return target.split('/').at(-2) ?? '';
}

function makeFolder(parent: string, folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    mkdirSync(folder, { mode: 0o700 });
  }
}

/** The content folder is what `/` of the container looks like: it takes after the parent's. */
function makeDiff(path: string, parentDiff: string | null): void {
  mkdirSync(path, { mode: 0o755 });
  const model = parentDiff === null ? { mode: 0o555, uid: 0, gid: 0 } : statSync(parentDiff);
  if (model.uid !== 0 || model.gid !== 0) chownSync(path, model.uid, model.gid);
  chmodSync(path, model.mode & 0o7777);
}

function linkLayer(paths: StorePaths, id: string, link: string): void {
  const target = `../${id}/diff`;
  try {
    symlinkSync(target, `${paths.links}/${link}`);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    mkdirSync(paths.links, { recursive: true, mode: 0o755 });
    symlinkSync(target, `${paths.links}/${link}`);
  }
}

/** 26 characters of base32: short, so that many lower folders fit into the data of one mount call. */
function newLink(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes = randomFillSync(Buffer.allocUnsafe(26));
  let link = '';
  for (const byte of bytes) link += alphabet[byte & 31];
  return link;
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
