import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Container, ContainerConfig } from '../../src/runtime/container.ts';
import { initialState } from '../../src/runtime/container-state.ts';
import { openState, type StateDb } from '../../src/runtime/state.ts';

let dir = '';
let db: StateDb;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tspod-state-'));
  db = openState({ stateDir: dir });
});
afterEach(() => {
  db.close();
  rmSync(dir, { recursive: true });
});

function container(id: string, name: string): Container {
  return { config: { id, name } as ContainerConfig, state: initialState() };
}

const one = 'abc1'.padEnd(64, '0');
const two = 'abc2'.padEnd(64, '0');

test('a container is found by id, beginning of its id and name', () => {
  db.add(container(one, 'web'));
  for (const key of [one, 'abc1', 'a', 'web']) expect(db.find(key).config.id).toBe(one);
});

test('a name wins over the beginning of an id', () => {
  db.add(container(one, 'web'));
  db.add(container(two, 'abc1'));
  expect(db.find('abc1').config.id).toBe(two);
});

test('a beginning that fits several ids is ambiguous', () => {
  db.add(container(one, 'web'));
  db.add(container(two, 'db'));
  expect(() => db.find('abc')).toThrow('more than one result for container "abc": container already exists');
});

test('characters that mean something to LIKE or SQL are only characters', () => {
  db.add(container(one, 'web'));
  for (const key of ['%', '_', "' OR 1=1 --", 'abc%']) {
    expect(() => db.find(key)).toThrow(`no container with name or ID "${key}" found: no such container`);
  }
});

test('two containers cannot have one name, neither by create nor by rename', () => {
  db.add(container(one, 'web'));
  expect(() => db.add(container(two, 'web'))).toThrow(/the container name "web" is already in use by abc1/);
  db.add(container(two, 'db'));
  expect(() => db.saveConfig({ ...container(two, 'web').config })).toThrow(/already in use/);
  expect(db.find('db').config.id).toBe(two);
});

test('of several processes that take one name at once exactly one gets it', async () => {
  const script = `
    import { openState } from '${join(import.meta.dirname, '../../src/runtime/state.ts')}';
    const db = openState({ stateDir: process.argv[1] });
    const id = process.argv[2].padEnd(64, '0');
    try { db.add({ config: { id, name: 'same' }, state: {} }); console.log('mine'); } catch (error) { console.log(error.code); }
    process.exit(0);`;
  const results = await Promise.all(
    ['1', '2', '3', '4'].map((id) => output([process.execPath, '--input-type=module', '-e', script, dir, id])),
  );
  expect(results.filter((line) => line === 'mine')).toHaveLength(1);
  expect(results.filter((line) => line === 'NAME_IN_USE')).toHaveLength(3);
});

test('the exit code of a removed container can still be asked for', () => {
  db.add(container(one, 'web'));
  db.remove(one, 3);
  expect(db.get(one)).toBeNull();
  expect(db.exitCode(one)).toBe(3);
});

test('exec sessions go with their container', () => {
  db.add(container(one, 'web'));
  db.exec.save({ id: 's1', containerId: one } as Parameters<typeof db.exec.save>[0]);
  expect(db.exec.of(one)).toHaveLength(1);
  db.remove(one, 0);
  expect(db.exec.get('s1')).toBeNull();
});

test('a failed transaction changes nothing', () => {
  db.add(container(one, 'web'));
  expect(() =>
    db.transaction(() => {
      db.remove(one, 0);
      throw new Error('no');
    }),
  ).toThrow();
  expect(db.get(one)?.config.name).toBe('web');
});

test('a database of a newer version is refused, not changed', () => {
  const other = mkdtempSync(join(tmpdir(), 'tspod-state-'));
  const raw = new DatabaseSync(join(other, 'state.db'));
  raw.exec('PRAGMA user_version = 99');
  raw.close();
  expect(() => openState({ stateDir: other })).toThrow(/written by a newer version of tspod/);
  rmSync(other, { recursive: true });
});

function output([file = '', ...args]: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    child.on('error', reject);
    child.on('close', () => resolve(text.trim()));
  });
}
