import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventLog } from '../../src/storage/event-log.ts';
import { until } from '../helpers/leftovers.ts';
import { binary, newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

let engine: TestEngine;
let root: string;
const journal = () => `${engine.runroot}/tspod/events/events.log`;

beforeAll(() => {
  engine = newEngine();
  root = busyboxRoot(engine.dir);
});
afterAll(() => engine.cleanup());

const run = (...args: string[]) => engine.tspod('run', '--network', 'none', ...args);
const events = async (...args: string[]) => (await engine.ok('events', '--stream=false', ...args)).split('\n');

test('the life of a container is told in order, with its exit code and its labels', async () => {
  await run('--rm', '--name', 'life', '--label', 'a=b', '--rootfs', root, 'sh', '-c', 'exit 17');
  const told = await events('--filter', 'container=life', '--format', '{{.Status}} {{.Attributes.a}}');
  expect(told).toEqual(['create b', 'init b', 'attach b', 'start b', 'died b', 'cleanup b', 'remove b']);
  expect(await events('-f', 'container=life', '-f', 'event=die', '--format', '{{.ContainerExitCode}}')).toEqual(['17']);
});

test('filters of one key are alternatives, those of different keys must all fit', async () => {
  for (const name of ['one', 'two']) await run('--rm', '--name', name, '--rootfs', root, 'true');
  const filters = ['container=one', 'container=two', 'event=start'].flatMap((text) => ['--filter', text]);
  expect(await events(...filters, '--format', '{{.Name}} {{.Status}}')).toEqual(['one start', 'two start']);
  expect(await events('--filter', 'container=one', '--filter', 'label=none')).toEqual(['']);
  const wrong = await engine.tspod('events', '--filter', 'color=red');
  expect(wrong).toMatchObject({ exitCode: 125, stderr: expect.stringContaining('color is an invalid filter') });
});

test('exec, pause, kill, rename, volumes and networks are noted', async () => {
  const id = await engine.ok('run', '-d', '--network', 'none', '--name', 'busy', '--rootfs', root, 'sleep', '1000');
  await engine.ok('exec', 'busy', 'true');
  await engine.ok('rename', 'busy', 'lazy');
  await engine.ok('kill', 'lazy');
  await engine.ok('volume', 'create', 'vol');
  await engine.ok('volume', 'rm', 'vol');
  await engine.ok('network', 'create', 'net');
  await engine.ok('network', 'rm', 'net');
  const told = await events('--filter', `container=${id.slice(0, 12)}`, '--format', '{{.Status}}');
  expect(told).toEqual(['create', 'init', 'start', 'exec', 'exec_died', 'rename', 'kill', 'died', 'cleanup']);
  expect(await events('--filter', 'volume=vo', '--format', '{{.Status}}')).toEqual(['create', 'remove']);
  expect((await events('--filter', 'type=network'))[0]).toMatch(
    / network create [0-9a-f]{64} \(name=net, type=bridge\)$/,
  );
});

test('a stream shows what comes, and goes on over a rotation without showing anything twice', async () => {
  const args = [...engine.globals, 'events', '--since', '1h', '--format', '{{.Name}}'];
  const child = spawn(binary, args, { env: { ...process.env, ...engine.env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = '';
  child.stdout.on('data', (text: Buffer) => {
    seen += text.toString();
  });
  await until('old events are there', () => seen.includes('lazy'));
  // Two are alike in all but the limit: the second finds the file too long.
  const settings = { path: journal(), maxSize: 0 };
  new EventLog(() => settings).write({ Name: 'before', Status: 'create', Type: 'volume' });
  await until('a new event comes', () => seen.includes('before\n'));
  const size = statSync(journal()).size;
  new EventLog(() => ({ ...settings, maxSize: size })).write({ Name: 'after', Status: 'create', Type: 'volume' });
  await until('the event after the rotation comes', () => seen.includes('after\n'));
  child.kill();
  await once(child, 'exit');
  expect(seen.match(/^before$/gm)).toHaveLength(1);
  const left = readFileSync(journal(), 'utf8').trim().split('\n');
  expect(left[0]).toContain('"io.podman.event.rotate":"begin"');
  expect(statSync(journal()).size).toBeLessThan(size);
});

test('lines that are no events are passed over', async () => {
  appendFileSync(journal(), 'nonsense\n{"Status":1}\nnull\n');
  expect((await engine.tspod('events', '--stream=false')).exitCode).toBe(0);
});

test('with the backend none nothing is written and nothing can be read', async () => {
  rmSync(journal());
  const off = ['--events-backend', 'none'];
  await engine.ok(...off, 'run', '--rm', '--network', 'none', '--rootfs', root, 'true');
  expect(existsSync(journal())).toBe(false);
  const result = await engine.tspod(...off, 'events');
  expect(result).toMatchObject({ exitCode: 125, stderr: 'Error: cannot read events with the "none" backend\n' });
});
