/**
 * Named volumes: VOLUMEDIR/NAME/_data, as Podman lays them out, described in VOLUMEDIR/NAME/tspod.json. A folder
 * without that file was made by Podman, whose database knows it: it can be used, and is never deleted from here.
 */

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { randomBytes } from '../system/random.ts';
import { removeTree } from './temp-dir.ts';

export interface VolumeRecord {
  name: string;
  driver: 'local';
  /** RFC 3339. */
  createdAt: string;
  labels: Record<string, string>;
  /** `type`, `device`, `o` and so on, as given. */
  options: Record<string, string>;
  uid: number;
  gid: number;
  /** Made for one container; goes with it. */
  anonymous: boolean;
  /** No container has filled it with its image's content yet. */
  needsCopyUp: boolean;
  /** No container has given it an owner yet. */
  needsChown: boolean;
  /** Where the content is. */
  mountpoint: string;
  /** Known to tspod only by its folder. */
  foreign: boolean;
}

export interface NewVolume {
  labels?: Record<string, string>;
  options?: Record<string, string>;
  uid?: number;
  gid?: number;
  anonymous?: boolean;
}

/** Names of containers, volumes, networks. */
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export class VolumeStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** All volumes, by name. */
  all(): VolumeRecord[] {
    const names = list(this.#dir).filter((name) => namePattern.test(name));
    const volumes = names.sort().map((name) => readVolume(this.#dir, name));
    return volumes.filter((volume) => volume !== null);
  }

  /** The volume with this very name, or null. */
  get(name: string): VolumeRecord | null {
    return namePattern.test(name) ? readVolume(this.#dir, name) : null;
  }

  /** By name or unique prefix of a name. @throws NO_SUCH_VOLUME, AMBIGUOUS_NAME */
  find(name: string): VolumeRecord {
    const exact = this.get(name);
    if (exact) return exact;
    const found = name === '' ? [] : this.all().filter((volume) => volume.name.startsWith(name));
    if (found.length > 1) throw new TspodError('AMBIGUOUS_NAME', `more than one result for volume name "${name}"`);
    if (!found[0]) throw new TspodError('NO_SUCH_VOLUME', `no volume with name "${name}" found: no such volume`);
    return found[0];
  }

  /** Makes a volume; it appears complete or not at all. @throws NAME_IN_USE, BAD_ARGUMENT */
  create(name: string, request: NewVolume = {}): VolumeRecord {
    const volume = newRecord(this.#dir, name === '' ? randomBytes(32).toString('hex') : name, request);
    const staged = `${this.#dir}/.tmp-${volume.name}-${randomBytes(6).toString('hex')}`;
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    mkdirSync(staged, { mode: 0o755 });
    try {
      mkdirSync(`${staged}/_data`, { mode: 0o755 });
      chmodSync(`${staged}/_data`, 0o755);
      if (volume.uid !== 0 || volume.gid !== 0) chownSync(`${staged}/_data`, volume.uid, volume.gid);
      writeFileSync(`${staged}/tspod.json`, stored(volume), { mode: 0o600 });
      renameSync(staged, `${this.#dir}/${volume.name}`);
    } catch (error) {
      removeTree(staged);
      throw hasErrno(error, 'ENOTEMPTY', 'EEXIST') ? nameInUse(volume.name) : error;
    }
    return volume;
  }

  /** Notes that a container filled the volume and gave it an owner. */
  markFilled(name: string, uid: number, gid: number): void {
    const volume = this.get(name);
    if (!volume || volume.foreign) return;
    const filled = { ...volume, uid, gid, needsCopyUp: false, needsChown: false };
    writeFileAtomic(`${this.#dir}/${name}/tspod.json`, stored(filled), { mode: 0o600, sync: false });
  }

  /** Deletes a volume with its content. The caller has checked that nobody uses it. @throws NO_SUCH_VOLUME */
  remove(name: string): void {
    const volume = this.get(name);
    if (!volume) throw new TspodError('NO_SUCH_VOLUME', `no volume with name "${name}" found: no such volume`);
    if (volume.foreign) {
      throw new TspodError(
        'UNSUPPORTED',
        `volume "${name}" was not made by tspod: remove it with the tool that made it`,
      );
    }
    const trash = `${this.#dir}/.tmp-${name}-${randomBytes(6).toString('hex')}`;
    renameSync(`${this.#dir}/${name}`, trash);
    removeTree(trash);
  }
}

function stored({ mountpoint, foreign, ...rest }: VolumeRecord): string {
  return JSON.stringify(rest);
}

function newRecord(dir: string, name: string, request: NewVolume): VolumeRecord {
  if (!namePattern.test(name)) {
    throw new TspodError(
      'BAD_ARGUMENT',
      'running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument',
    );
  }
  for (const key of Object.keys(request.options ?? {})) {
    if (['type', 'device', 'o', 'size', 'inodes', 'nocopy', 'copy', 'noquota'].includes(key.toLowerCase())) continue;
    throw new TspodError('BAD_ARGUMENT', `invalid mount option ${key} for driver 'local': invalid argument`);
  }
  checkBind(request.options ?? {});
  return {
    name,
    driver: 'local',
    createdAt: new Date().toISOString().replace('Z', '000000Z'),
    labels: request.labels ?? {},
    options: request.options ?? {},
    uid: request.uid ?? ownerOf(request.options, 'uid'),
    gid: request.gid ?? ownerOf(request.options, 'gid'),
    anonymous: request.anonymous ?? false,
    needsCopyUp: true,
    needsChown: request.uid === undefined && request.gid === undefined,
    mountpoint: `${dir}/${name}/_data`,
    foreign: false,
  };
}

/** The source of a bind is looked for when the volume is made, as Podman does. */
function checkBind({ type, device, o = '' }: Record<string, string>): void {
  const isBind = type === 'bind' || /(^|,)r?bind(,|$)/.test(o);
  if (!isBind || !device || existsSync(device)) return;
  const reason = `invalid volume option device for driver 'local': faccessat ${device}: no such file or directory`;
  throw new TspodError('BAD_ARGUMENT', reason);
}

/** `uid=` and `gid=` among the mount options say who owns the volume. */
function ownerOf(options: Record<string, string> | undefined, key: 'uid' | 'gid'): number {
  const value = (options?.['o'] ?? '').split(',').find((option) => option.startsWith(`${key}=`));
  return value === undefined ? 0 : Number.parseInt(value.slice(4), 10) || 0;
}

function nameInUse(name: string): TspodError {
  return new TspodError('NAME_IN_USE', `volume with name ${name} already exists: volume already exists`);
}

function readVolume(dir: string, name: string): VolumeRecord | null {
  const mountpoint = `${dir}/${name}/_data`;
  const text = readText(`${dir}/${name}/tspod.json`);
  if (text !== null) return parseVolume(text, name, mountpoint);
  const stat = statSync(mountpoint, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return null;
  const createdAt = stat.birthtime.toISOString();
  const flags = { anonymous: false, needsCopyUp: false, needsChown: false, foreign: true };
  return {
    name,
    driver: 'local',
    createdAt,
    mountpoint,
    labels: {},
    options: {},
    uid: stat.uid,
    gid: stat.gid,
    ...flags,
  };
}

function parseVolume(text: string, name: string, mountpoint: string): VolumeRecord {
  try {
    const raw = JSON.parse(text) as Record<string, unknown>;
    return {
      name,
      driver: 'local',
      createdAt: String(raw['createdAt'] ?? ''),
      labels: texts(raw['labels']),
      options: texts(raw['options']),
      uid: Number(raw['uid'] ?? 0),
      gid: Number(raw['gid'] ?? 0),
      anonymous: raw['anonymous'] === true,
      needsCopyUp: raw['needsCopyUp'] === true,
      needsChown: raw['needsChown'] === true,
      mountpoint,
      foreign: false,
    };
  } catch (cause) {
    throw new TspodError('CORRUPT_STORE', `volume "${name}": its tspod.json cannot be read`, { cause });
  }
}

function texts(value: unknown): Record<string, string> {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, text]) => [key, String(text)]));
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
