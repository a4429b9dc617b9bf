/**
 * Containers, pods, exec sessions and exit codes: one SQLite database in WAL mode beside the store.
 *
 * Nobody closes it: the last close of a WAL database checkpoints it, which costs three fsyncs, and a process that
 * ends without it loses nothing. Every method is one statement or one transaction.
 */
import { mkdirSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { EnginePaths } from '../config/paths.ts';
import { messageOf, TspodError } from '../errors.ts';
import type { Container, ContainerConfig, ContainerState } from './container.ts';
import { type ExecSession, execStatements } from './exec-session.ts';

/** What each version of the schema added to the one before: a new database gets all of them. */
const migrations = [
  `CREATE TABLE containers (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL, state TEXT NOT NULL);
  CREATE TABLE exec_sessions (id TEXT PRIMARY KEY, container TEXT NOT NULL, session TEXT NOT NULL);
  CREATE INDEX exec_by_container ON exec_sessions (container);
  CREATE TABLE exit_codes (id TEXT PRIMARY KEY, code INTEGER NOT NULL, at INTEGER NOT NULL);`,
  'CREATE TABLE pods (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL);',
];

/**
 * The journal is read by whoever opens the database alone, 1.3 ms for each MB: it is folded into the database early.
 */
const connectionSettings = 'PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 200';

/** Exit codes of removed containers are kept this long (milliseconds): a `wait` that raced with `--rm` needs them. */
const exitCodeLife = 5 * 60 * 1000;

interface Row {
  config: string;
  state: string;
}

export class StateDb {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly exec: ReturnType<typeof execStatements>;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.exec = execStatements((sql) => this.#prepare(sql));
  }

  /** Records a new container. NAME_IN_USE when another one has the name. */
  add({ config, state }: Container): void {
    const insert = this.#prepare('INSERT OR IGNORE INTO containers (id, name, config, state) VALUES (?, ?, ?, ?)');
    const { changes } = insert.run(config.id, config.name, JSON.stringify(config), JSON.stringify(state));
    if (changes === 0) throw nameInUse(config.name, this.idOfName(config.name) ?? config.id);
  }

  /** The container with this full id, or null. */
  get(id: string): Container | null {
    const row = this.#prepare('SELECT config, state FROM containers WHERE id = ?').get(id);
    return row ? parse(row as unknown as Row) : null;
  }

  /** All containers, oldest first. */
  list(): Container[] {
    const rows = this.#prepare('SELECT config, state FROM containers ORDER BY rowid').all();
    return (rows as unknown as Row[]).map(parse);
  }

  /** The containers of a pod, oldest first. */
  listOfPod(pod: string): Container[] {
    const sql = "SELECT config, state FROM containers WHERE json_extract(config, '$.pod') = ? ORDER BY rowid";
    return (this.#prepare(sql).all(pod) as unknown as Row[]).map(parse);
  }

  /** Full id of the container with exactly this name. */
  idOfName(name: string): string | null {
    const row = this.#prepare('SELECT id FROM containers WHERE name = ?').get(name);
    return row ? String(row['id']) : null;
  }

  /**
   * The container with this name, id or unique beginning of an id; a name wins over an id.
   * NO_SUCH_CONTAINER or AMBIGUOUS_NAME otherwise.
   */
  find(nameOrId: string): Container {
    if (nameOrId === '') throw new TspodError('BAD_ARGUMENT', 'name or ID cannot be empty');
    const sql = 'SELECT name, config, state FROM containers WHERE name = ? OR substr(id, 1, ?) = ?';
    const rows = this.#prepare(sql).all(nameOrId, nameOrId.length, nameOrId) as unknown as (Row & { name: string })[];
    const row = rows.find(({ name }) => name === nameOrId) ?? rows[0];
    if (!row) throw noSuchContainer(nameOrId);
    if (rows.length > 1 && row.name !== nameOrId) throw ambiguous(nameOrId);
    return parse(row);
  }

  saveState(id: string, state: ContainerState): void {
    this.#prepare('UPDATE containers SET state = ? WHERE id = ?').run(JSON.stringify(state), id);
  }

  /** For `rename` and `update`. NAME_IN_USE when another container has the new name. */
  saveConfig(config: ContainerConfig): void {
    const update = this.#prepare('UPDATE OR IGNORE containers SET name = ?, config = ? WHERE id = ?');
    const { changes } = update.run(config.name, JSON.stringify(config), config.id);
    if (changes > 0) return;
    const holder = this.idOfName(config.name);
    if (holder) throw nameInUse(config.name, holder);
    throw noSuchContainer(config.id);
  }

  /** Forgets a container and its exec sessions; its exit code stays for a while. */
  remove(id: string, exitCode: number): void {
    this.transaction(() => {
      this.recordExit(id, exitCode);
      this.#prepare('DELETE FROM exec_sessions WHERE container = ?').run(id);
      this.#prepare('DELETE FROM containers WHERE id = ?').run(id);
    });
  }

  recordExit(id: string, code: number): void {
    const now = Date.now();
    this.#prepare('DELETE FROM exit_codes WHERE at < ?').run(now - exitCodeLife);
    this.#prepare('INSERT OR REPLACE INTO exit_codes (id, code, at) VALUES (?, ?, ?)').run(id, code, now);
  }

  /** The exit code of a container that may be gone, null when it is not known. */
  exitCode(id: string): number | null {
    const row = this.#prepare('SELECT code FROM exit_codes WHERE id = ?').get(id);
    return row ? Number(row['code']) : null;
  }

  /** For tables that few commands need and that have a module of their own. */
  statement(sql: string): StatementSync {
    return this.#prepare(sql);
  }

  transaction<T>(fn: () => T): T {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = fn();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Opens the state database and brings its schema up to date. CORRUPT_STORE when it cannot be read. */
export function openState(paths: Pick<EnginePaths, 'stateDir'>): StateDb {
  const path = `${paths.stateDir}/state.db`;
  mkdirSync(paths.stateDir, { recursive: true, mode: 0o700 });
  try {
    const db = new DatabaseSync(path, { timeout: 30_000 });
    db.exec(connectionSettings);
    migrate(db, path);
    return new StateDb(db);
  } catch (error) {
    if (error instanceof TspodError) throw error;
    throw new TspodError('CORRUPT_STORE', `opening state database "${path}": ${messageOf(error)}`, { cause: error });
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const version = versionOf(db);
  if (version === migrations.length) return;
  if (version > migrations.length) {
    throw new TspodError('CORRUPT_STORE', `state database "${path}" was written by a newer version of tspod`);
  }
  db.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE');
  // Another process may have been here between the first look and the lock.
  for (const sql of migrations.slice(versionOf(db))) db.exec(sql);
  db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

function parse(row: Row): Container {
  return { config: JSON.parse(row.config) as ContainerConfig, state: JSON.parse(row.state) as ContainerState };
}

export function noSuchContainer(nameOrId: string): TspodError {
  return new TspodError('NO_SUCH_CONTAINER', `no container with name or ID "${nameOrId}" found: no such container`);
}

function ambiguous(nameOrId: string): TspodError {
  return new TspodError('AMBIGUOUS_NAME', `more than one result for container "${nameOrId}": container already exists`);
}

function nameInUse(name: string, id: string): TspodError {
  return new TspodError(
    'NAME_IN_USE',
    `the container name "${name}" is already in use by ${id}. You have to remove that container to be able to reuse that name: that name is already in use`,
  );
}

export type { ExecSession };
