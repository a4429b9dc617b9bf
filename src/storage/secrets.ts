/**
 * Secrets in the files of Podman's file driver: `secrets/secrets.json` says what there is, and
 * `secrets/filedriver/secretsdata.json` has the content by id, both for the owner's eyes alone.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { timestamp } from '../system/clock.ts';
import { withLockSync } from '../system/lock.ts';
import { randomBytes } from '../system/random.ts';

export interface SecretRecord {
  name: string;
  /** 25 hex characters. */
  id: string;
  labels?: Record<string, string>;
  metadata?: Record<string, string>;
  /** RFC 3339 with nanoseconds. */
  createdAt: string;
  updatedAt: string;
  /** Only `file` can be read here. */
  driver: string;
  driverOptions: Record<string, string>;
}

export interface NewSecret {
  name: string;
  data: Buffer;
  labels: Record<string, string>;
  /** What becomes of one that has the name already; else it is an error. */
  existing?: 'replace' | 'ignore' | undefined;
}

/** Bytes; one more is refused, as by Podman. */
const largest = 512_000 - 1;

/** The secrets of one store. */
export class Secrets {
  readonly #folder: string;

  /** @param graphRoot of the store */
  constructor(graphRoot: string) {
    this.#folder = `${graphRoot}/secrets`;
  }

  list(): SecretRecord[] {
    return Object.values(readJson<{ secrets: Record<string, SecretRecord> }>(this.#index)?.secrets ?? {});
  }

  /** By name, id, or the beginning of an id. @throws NO_SUCH_SECRET, AMBIGUOUS_NAME */
  find(nameOrId: string): SecretRecord {
    return findIn(this.list(), nameOrId);
  }

  /** @throws NO_SUCH_SECRET, UNSUPPORTED for a driver that is not `file` */
  data(nameOrId: string): { record: SecretRecord; data: Buffer } {
    const record = this.find(nameOrId);
    checkDriver(record.driver);
    const text = this.#contents()[record.id];
    if (text === undefined) throw noSuchSecret(nameOrId);
    return { record, data: Buffer.from(text, 'base64') };
  }

  /** Returns its id. @throws BAD_ARGUMENT for a bad name or size, NAME_IN_USE */
  create({ name, data, labels, existing }: NewSecret): string {
    checkName(name);
    if (data.length === 0 || data.length > largest) {
      throw new TspodError('BAD_ARGUMENT', 'secret data must be larger than 0 and less than 512000 bytes');
    }
    return this.#locked((records) => {
      const before = records.find((record) => record.name === name);
      if (before && existing === 'ignore') return before.id;
      if (before && existing !== 'replace') throw new TspodError('NAME_IN_USE', `${name}: secret name in use`);
      const now = timestamp();
      const id = randomBytes(13).toString('hex').slice(0, 25);
      const driverOptions = { path: `${this.#folder}/filedriver` };
      const times = { createdAt: before?.createdAt ?? now, updatedAt: now };
      const record = { name, id, labels, metadata: {}, ...times, driver: 'file', driverOptions };
      const kept = records.filter((other) => other !== before);
      // Content first: a record always has one. Killed in between, the next change drops the content without a record.
      this.#saveContents([...records.map((other) => other.id), id], { [id]: data.toString('base64') });
      this.#save([...kept, record]);
      if (before) this.#saveContents([...kept.map((other) => other.id), id]);
      return id;
    });
  }

  /** Returns its id. @throws NO_SUCH_SECRET */
  remove(nameOrId: string): string {
    return this.#locked((records) => {
      const found = findIn(records, nameOrId);
      checkDriver(found.driver);
      const kept = records.filter(({ id }) => id !== found.id);
      this.#save(kept);
      this.#saveContents(kept.map(({ id }) => id));
      return found.id;
    });
  }

  get #index(): string {
    return `${this.#folder}/secrets.json`;
  }

  get #contentFile(): string {
    return `${this.#folder}/filedriver/secretsdata.json`;
  }

  #contents(): Record<string, string> {
    return readJson<Record<string, string>>(this.#contentFile) ?? {};
  }

  #saveContents(ids: string[], added: Record<string, string> = {}): void {
    withLockSync(`${this.#folder}/filedriver/secretsdata.lock`, 'exclusive', () => {
      const all = Object.entries({ ...this.#contents(), ...added }).filter(([id]) => ids.includes(id));
      writeFileAtomic(this.#contentFile, JSON.stringify(Object.fromEntries(all), null, 2));
    });
  }

  #save(records: SecretRecord[]): void {
    const index = {
      secrets: Object.fromEntries(records.map((record) => [record.id, record])),
      nameToID: Object.fromEntries(records.map(({ name, id }) => [name, id])),
      idToName: Object.fromEntries(records.map(({ name, id }) => [id, name])),
    };
    writeFileAtomic(this.#index, JSON.stringify(index, null, 2));
  }

  #locked<T>(work: (records: SecretRecord[]) => T): T {
    mkdirSync(`${this.#folder}/filedriver`, { recursive: true, mode: 0o700 });
    return withLockSync(`${this.#folder}/secrets.lock`, 'exclusive', () => work(this.list()));
  }
}

function findIn(records: SecretRecord[], nameOrId: string): SecretRecord {
  const exact = records.find(({ name }) => name === nameOrId) ?? records.find(({ id }) => id === nameOrId);
  if (exact) return exact;
  const [found, more] = nameOrId === '' ? [] : records.filter(({ id }) => id.startsWith(nameOrId));
  if (more) {
    const words = `more than one result secret with prefix ${nameOrId}: secret is ambiguous`;
    throw new TspodError('AMBIGUOUS_NAME', words);
  }
  if (!found) throw noSuchSecret(nameOrId);
  return found;
}

function noSuchSecret(nameOrId: string): TspodError {
  return new TspodError('NO_SUCH_SECRET', `no secret with name or id "${nameOrId}": no such secret`);
}

function checkName(name: string): void {
  if (name.length > 0 && name.length <= 253 && !/[,/=\0]/.test(name)) return;
  const rule = "can not include '=', '/', ',', or the '\\0' (NULL) and be between 1 and 253 characters";
  throw new TspodError('BAD_ARGUMENT', `secret name "${name}" ${rule}: invalid secret name`);
}

/** @throws UNSUPPORTED */
export function checkDriver(driver: string): void {
  if (driver === 'file') return;
  throw new TspodError('UNSUPPORTED', `secret driver "${driver}" is not supported: only "file" is`);
}

function readJson<T>(path: string): T | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    // No cause: the parser's own words would quote the content.
    throw new TspodError('CORRUPT_STORE', `"${path}" is not valid JSON`);
  }
}
