import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountsBelow } from '../helpers/tspod.ts';
import { baseFiles, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let it: TestStore;

beforeEach(() => {
  it = newTestStore();
});
afterEach(() => it.cleanup());

/** Runs the worker and kills it some milliseconds after it began. */
async function runAndKill(seed: string, milliseconds: number): Promise<void> {
  const script = join(import.meta.dirname, 'crash-worker.ts');
  const args = ['--no-warnings', '--experimental-strip-types', script, it.root, it.runroot, seed];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the worker ended by itself: ${code}`)));
  });
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.removeAllListeners('exit');
  child.once('exit', () => {});
  child.kill('SIGKILL');
  await Promise.race([ended, new Promise((resolve) => child.once('close', resolve))]);
}

function recovered(): string[] {
  it.open().recover();
  return leftovers();
}

function leftovers(): string[] {
  const folders = ['overlay/tempdirs', 'overlay-layers/tmp', 'overlay-layers', 'overlay-images', 'overlay-containers'];
  const found = folders.flatMap((folder) => list(`${it.root}/${folder}`).map((name) => `${folder}/${name}`));
  return found.filter((path) => /\/(\.tmp-|temp-dir-|lock-)/.test(path));
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

test('a store is whole after kill -9 at any moment, and what was there before is still there', async () => {
  const kept = await makeImage('localhost/kept:latest', [baseFiles]);
  await storeImage(it.open(), kept);
  for (let round = 0; round < 25; round++) {
    await runAndKill(String(round % 3), (round * 7919) % 160);
    const store = it.open();
    store.recover();
    expect(await store.checkFully(), `round ${round}`).toEqual([]);
    expect(store.check({ maxUnreferencedAge: 0 }), `round ${round}`).toEqual([]);
    // Processes that delete for the dead one hold their locks until they are done.
    await expect.poll(recovered, { timeout: 10_000 }).toEqual([]);
    expect(store.imageByName('localhost/kept:latest')?.id).toBe(kept.id);
    for (const { id } of store.containers()) store.deleteContainer(id);
    for (const { id } of store.images()) if (id !== kept.id) await store.deleteImage(id);
    const probe = newContainer(store, 'probe', kept.id, true);
    expect(readdirSync(store.mountContainer(probe))).toContain('etc');
    store.deleteContainer(probe);
    expect(mountsBelow(it.dir), `round ${round}`).toEqual([]);
    expect(store.layers()).toHaveLength(1);
    expect(readdirSync(`${it.root}/overlay/l`), `round ${round}`).toHaveLength(1);
    expect(list(`${it.root}/overlay-images`).sort()).toEqual([kept.id, 'images.json', 'images.lock']);
  }
}, 120_000);
