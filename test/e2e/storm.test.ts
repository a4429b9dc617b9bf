/**
 * Many kills at random moments of the commands that change the store. TSPOD_STORM=20 makes it twenty times as long:
 * `TSPOD_STORM=20 scripts/node vitest run test/e2e/storm.test.ts`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/storage/store.ts';
import { buildImage, type LayerFile, packLayer, pushImage } from '../fixtures/image.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { binary, mirrorOf, newEngine, type TestEngine } from '../helpers/tspod.ts';

const rounds = 25 * Number(process.env['TSPOD_STORM'] ?? 1);
let engine: TestEngine;
let registry: Registry;
let name: string;
let archive: string;

beforeAll(async () => {
  registry = await startRegistry();
  engine = newEngine({ registries: mirrorOf(registry.host) });
  const layers: LayerFile[] = [];
  for (const number of [1, 2, 3]) {
    const dir = join(engine.dir, `layer${number}`);
    for (let n = 0; n < 20; n++) {
      mkdirSync(`${dir}/d${n}`, { recursive: true });
      writeFileSync(`${dir}/d${n}/f`, Buffer.alloc(20_000, `${number}${n}`));
    }
    layers.push(await packLayer(dir, join(engine.dir, `layer${number}.tgz`)));
  }
  await pushImage(registry.url, 'storm', 'latest', buildImage(layers, {}));
  name = `${registry.host}/storm:latest`;
  archive = join(engine.dir, 'storm.tar');
  await engine.ok('pull', '-q', name);
  await engine.ok('save', '-q', '-o', archive, name);
});
afterAll(async () => {
  await engine.cleanup();
  await registry.stop();
});

/** Runs a command, killed after some milliseconds. @returns how long it ran */
async function killedAfter(milliseconds: number, args: string[]): Promise<number> {
  const begin = performance.now();
  const child = spawn(binary, [...engine.globals, ...args], {
    env: { ...process.env, ...engine.env },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  await ended;
  clearTimeout(timer);
  return performance.now() - begin;
}

/** As any next command would find it. */
async function expectWhole(what: string): Promise<void> {
  const store = openStore({ graphRoot: engine.root, runRoot: engine.runroot });
  store.recover();
  expect(await store.checkFully({ maxUnreferencedAge: 0 }), what).toEqual([]);
}

const commands = {
  pull: { args: () => ['pull', '-q', name], before: () => engine.tspod('rmi', '-f', name) },
  load: { args: () => ['load', '-q', '-i', archive], before: () => engine.tspod('rmi', '-f', name) },
  rmi: { args: () => ['rmi', name], before: () => engine.tspod('load', '-q', '-i', archive) },
  push: {
    args: () => ['push', '-q', '--tls-verify=false', name, `${registry.host}/pushed:latest`],
    before: () => engine.tspod('load', '-q', '-i', archive),
  },
};

test.each(Object.entries(commands))(
  'the store is whole after kill -9 at any moment of %s, without repair',
  async (command, { args, before }) => {
    await before();
    const duration = await killedAfter(60_000, args());
    for (let round = 0; round < rounds; round++) {
      await before();
      // Spread over the whole length, never twice the same moment.
      const moment = (((round * 0.618) % 1) * 0.9 + 0.1) * duration;
      await killedAfter(moment, args());
      await expectWhole(`${command}, killed after ${moment.toFixed(1)} ms`);
    }
    await engine.ok('load', '-q', '-i', archive);
    await engine.ok('system', 'check', '--max', '0');
    expect(await engine.ok('images', '-q')).toMatch(/^\w{12}$/);
  },
  120_000 * Number(process.env['TSPOD_STORM'] ?? 1),
);
