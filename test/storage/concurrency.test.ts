import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountsBelow } from '../helpers/tspod.ts';
import { exec, newTestStore, type TestStore } from './helper.ts';

let it: TestStore;

beforeEach(() => {
  it = newTestStore();
});
afterEach(() => it.cleanup());

test('six processes change one store, and each sees a whole store at any time', async () => {
  const script = join(import.meta.dirname, 'concurrency-worker.ts');
  const run = (seed: number) => {
    const args = ['--no-warnings', '--experimental-strip-types', script, it.root, it.runroot, `${seed}`, '6'];
    return exec(process.execPath, args);
  };
  const results = await Promise.all([1, 2, 3, 4, 5, 6].map(run));
  expect(results.map(({ stderr }) => stderr).join('')).toBe('');
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(results.reduce((sum, { stdout }) => sum + Number(stdout), 0)).toBeGreaterThan(0);
  const store = it.open();
  expect(store.images().map(({ names }) => names)).toEqual([['localhost/shared:latest']]);
  expect(store.layers()).toHaveLength(2);
  expect(store.containers()).toEqual([]);
  expect(await store.checkFully({ maxUnreferencedAge: 0 })).toEqual([]);
  expect(mountsBelow(it.dir)).toEqual([]);
}, 120_000);
