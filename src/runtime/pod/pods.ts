/** The table of pods in the state database. */
import { TspodError } from '../../errors.ts';
import type { StateDb } from '../state.ts';
import type { Pod } from './pod.ts';

/** Records a pod. NAME_IN_USE when a pod or a container has the name. */
export function addPod(state: StateDb, pod: Pod): void {
  const { id, name } = pod;
  if (state.idOfName(name)) throw nameInUse(name);
  const insert = state.statement('INSERT OR IGNORE INTO pods (id, name, config) VALUES (?, ?, ?)');
  if (insert.run(id, name, JSON.stringify(pod)).changes === 0) throw nameInUse(name);
}

/** The pod with this full id, or null. */
export function getPod(state: StateDb, id: string): Pod | null {
  const row = state.statement('SELECT config FROM pods WHERE id = ?').get(id);
  return row ? parse(row) : null;
}

/** All pods, oldest first. */
export function allPods(state: StateDb): Pod[] {
  return state.statement('SELECT config FROM pods ORDER BY rowid').all().map(parse);
}

/** The pod with this name, id or unique beginning of an id. NO_SUCH_POD or AMBIGUOUS_NAME otherwise. */
export function findPod(state: StateDb, nameOrId: string): Pod {
  if (nameOrId === '') throw noSuchPod(nameOrId);
  const sql = 'SELECT name, config FROM pods WHERE name = ? OR substr(id, 1, ?) = ?';
  const rows = state.statement(sql).all(nameOrId, nameOrId.length, nameOrId);
  const row = rows.find(({ name }) => name === nameOrId) ?? rows[0];
  if (!row) throw noSuchPod(nameOrId);
  if (rows.length > 1 && row['name'] !== nameOrId) {
    throw new TspodError('AMBIGUOUS_NAME', `more than one result for ID or name ${nameOrId}: pod already exists`);
  }
  return parse(row);
}

/** The pod that was created last. NO_SUCH_POD without any. */
export function latestPod(state: StateDb): Pod {
  const newest = allPods(state).at(-1);
  if (!newest) throw new TspodError('NO_SUCH_POD', 'no such pod');
  return newest;
}

export function forgetPod(state: StateDb, id: string): void {
  state.statement('DELETE FROM pods WHERE id = ?').run(id);
}

/** In Podman's words. */
export function noSuchPod(nameOrId: string): TspodError {
  return new TspodError('NO_SUCH_POD', `no pod with name or ID ${nameOrId} found: no such pod`);
}

function nameInUse(name: string): TspodError {
  return new TspodError('NAME_IN_USE', `adding pod to state: name "${name}" is in use: pod already exists`);
}

function parse(row: Record<string, unknown>): Pod {
  return JSON.parse(String(row['config'])) as Pod;
}
