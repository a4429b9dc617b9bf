/** The options of a storage driver: of storage.conf, --storage-opt and STORAGE_OPTS. */
import { existsSync, statSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { StorageConf } from './storage-conf.ts';
import type { TomlTable } from './toml.ts';

/** Of [storage.options] and of the driver's own table, which wins. */
const ofFile: Record<StorageConf['driver'], readonly string[]> = {
  overlay: [
    ...['ignore_chown_errors', 'mountopt', 'mount_program', 'size', 'inodes', 'skip_mount_home', 'use_composefs'],
    ...['force_mask', 'sync'],
  ],
  vfs: ['ignore_chown_errors', 'sync'],
};

/**
 * Applies what a file says to the driver that is used; what it says for other drivers does not count.
 * @throws UNSUPPORTED, BAD_CONFIG
 */
export function applyFileOptions(conf: StorageConf, general: TomlTable, own: TomlTable, path: string): void {
  for (const key of ofFile[conf.driver]) {
    const value = own[key] === undefined || own[key] === '' ? general[key] : own[key];
    if (value === undefined || value === '') continue;
    const text = key === 'force_mask' && typeof value === 'number' ? value.toString(8) : String(value);
    applyOption(conf, `${conf.driver}.${key}=${text}`, ` of "${path}"`);
  }
}

/** One `driver.key=value`. Unknown names are fatal, as in Podman. @throws UNSUPPORTED, BAD_CONFIG */
export function applyOption(conf: StorageConf, option: string, where = ''): void {
  const at = option.indexOf('=');
  if (at < 0) throw new TspodError('BAD_CONFIG', `unable to parse storage option "${option}": it has no value`);
  const value = option.slice(at + 1);
  const name = option.slice(0, at).toLowerCase();
  const key = name.replace(conf.driver === 'vfs' ? /^(vfs\.|\.)/ : /^(overlay2?\.|\.)/, '');
  if (applyCommon(conf, key, value)) return;
  if (conf.driver === 'vfs') {
    const what = key === 'mountopt' ? 'mount options' : `${name} options`;
    throw new TspodError('BAD_CONFIG', `vfs driver does not support ${what}`);
  }
  if (!applyOverlay(conf, key, value, where)) throw new TspodError('BAD_CONFIG', `overlay: unknown option ${key}`);
}

function applyCommon(conf: StorageConf, key: string, value: string): boolean {
  if (key === 'imagestore' || key === 'additionalimagestore') addStores(conf, value);
  else if (key === 'ignore_chown_errors') conf.ignoreChownErrors = isTrue(key, value);
  else if (key === 'sync') conf.sync = syncOf(value);
  else return false;
  return true;
}

function applyOverlay(conf: StorageConf, key: string, value: string, where: string): boolean {
  if (key === 'mountopt') conf.mountopt = value;
  else if (key === 'skip_mount_home') conf.skipMountHome = isTrue(key, value);
  else if (key === 'mount_program') conf.mountProgram = mountProgram(value);
  else if (key === 'force_mask') conf.forceMask = maskOf(value);
  else if (['size', 'inodes', 'additionallayerstore'].includes(key)) refuse(key, value, where);
  else if (key === 'use_composefs') refuse(key, isTrue(key, value) ? value : '', where);
  else if (key !== 'override_kernel_check') return false;
  return true;
}

function addStores(conf: StorageConf, value: string): void {
  for (const store of value.split(',').filter((path) => path !== '')) {
    if (!store.startsWith('/')) {
      throw new TspodError('BAD_CONFIG', `${conf.driver}: image path "${store}" is not absolute.  Can not be relative`);
    }
    conf.additionalImageStores.push(store.replace(/\/+/g, '/').replace(/(.)\/$/, '$1'));
  }
}

/** @throws BAD_CONFIG for a program that is not there */
function mountProgram(path: string): string {
  if (path === '' || existsSync(path)) return path;
  throw new TspodError('BAD_CONFIG', `overlay: can't stat program "${path}": no such file or directory`);
}

function maskOf(value: string): number {
  if (value === 'shared') return 0o755;
  if (value === 'private') return 0o700;
  if (/^[0-7]{1,4}$/.test(value)) return Number.parseInt(value, 8);
  throw new TspodError('BAD_CONFIG', `overlay: force_mask "${value}" is no "shared", "private" or octal mode`);
}

function syncOf(value: string): StorageConf['sync'] {
  if (value === 'none' || value === 'filesystem' || value === '') return value || 'none';
  throw new TspodError('BAD_CONFIG', `overlay: sync mode "${value}" is not "none" or "filesystem"`);
}

function isTrue(key: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new TspodError('BAD_CONFIG', `storage option ${key}: "${value}" is no boolean`);
}

function refuse(key: string, value: string, where: string): void {
  if (value === '') return;
  throw new TspodError('UNSUPPORTED', `the store option "overlay.${key}"${where} is not supported by tspod`);
}

/** The folders of drivers that a graph root has say which one it was made with; a new one gets `overlay`. */
export function priorDriver(graphRoot: string): StorageConf['driver'] {
  const has = (name: string) => statSync(`${graphRoot}/${name}`, { throwIfNoEntry: false }) !== undefined;
  return !has('overlay') && has('vfs') ? 'vfs' : 'overlay';
}
