import { readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

let engine: TestEngine;
let ids: Record<string, string>;

beforeAll(async () => {
  engine = newEngine();
  const root = busyboxRoot(engine.dir);
  const make = (verb: string[], ...args: string[]) => engine.ok(...verb, '--network', 'none', ...args);
  ids = {
    runs: await make(
      ['run', '-d'],
      '--name',
      'runs',
      '--label',
      'a=1',
      '--label',
      'b=2',
      '--rootfs',
      root,
      'sleep',
      '1000',
    ),
    done: await make(['run', '-d'], '--name', 'done', '--rootfs', root, 'true'),
    fails: await make(['run', '-d'], '--name', 'fails', '--rootfs', root, 'sh', '-c', 'exit 3'),
    fresh: await make(
      ['create'],
      '--name',
      'fresh',
      '--expose',
      '80-82',
      '--expose',
      '90/udp',
      '--rootfs',
      root,
      'echo',
      'hi',
    ),
  };
  await engine.ok('wait', 'done', 'fails');
}, 120_000);
afterAll(() => engine.cleanup());

const names = async (...args: string[]) => (await engine.ok('ps', '--format', '{{.Names}}', ...args)).split('\n');

test('only running containers are shown, with --all all of them from the oldest to the newest', async () => {
  expect(await names()).toEqual(['runs']);
  expect(await names('-a')).toEqual(['runs', 'done', 'fails', 'fresh']);
});

test('the table has the columns of Podman', async () => {
  const [heading, ...rows] = (await engine.ok('ps', '-a')).split('\n');
  expect(heading).toMatch(/^CONTAINER ID {2}IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
  expect(rows[0]).toMatch(/^[0-9a-f]{12} +sleep 1000 +.* ago +Up .* +runs$/);
  expect(rows[2]).toMatch(/ Exited \(3\) .* ago +fails$/);
  expect(rows[3]).toMatch(/ Created +80-82\/tcp, 90\/udp +fresh$/);
});

test('--noheading, --quiet, --no-trunc, --last and --latest', async () => {
  expect(await engine.ok('ps', '-a', '--noheading', '--filter', 'name=nosuch')).toBe('');
  expect(await engine.ok('ps', '-q')).toBe(ids['runs']?.slice(0, 12));
  expect(await engine.ok('ps', '-q', '--no-trunc')).toBe(ids['runs']);
  expect(await names('-n', '2')).toEqual(['fails', 'fresh']);
  expect(await names('-l')).toEqual(['fresh']);
});

test('filters: several values of one key are alternatives, several keys are all needed', async () => {
  expect(await names('--filter', 'status=exited')).toEqual(['done', 'fails']);
  expect(await names('--filter', 'status=exited', '--filter', 'exited=3')).toEqual(['fails']);
  expect(await names('-a', '--filter', 'label=a=1', '--filter', 'label=b')).toEqual(['runs']);
  expect(await names('-a', '--filter', `id=${ids['done']?.slice(0, 8)}`)).toEqual(['done']);
  expect(await names('-a', '--filter', 'since=done', '--filter', 'name=f')).toEqual(['fails', 'fresh']);
});

test.each([
  ['names', ['done', 'fails', 'fresh', 'runs']],
  ['status', ['fresh', 'done', 'fails', 'runs']],
  ['command', ['fresh', 'fails', 'runs', 'done']],
])('--sort %s', async (key, expected) => {
  expect(await names('-a', '--sort', key)).toEqual(expected);
});

test('templates see every field', async () => {
  const text = await engine.ok(
    'ps',
    '--format',
    '{{.ID}} {{.State}} {{.Label "a"}} {{.Labels.b}} {{.Restarts}} {{len .Mounts}}',
  );
  expect(text).toBe(`${ids['runs']?.slice(0, 12)} running 1 2 0 0`);
  expect(await engine.ok('ps', '--format', 'table {{.Names}} {{.RunningFor}}')).toMatch(
    /^NAMES +RUNNING FOR\nruns +.* ago$/,
  );
  const { stderr, exitCode } = await engine.tspod('ps', '--format', '{{.Nosuch}}');
  expect(exitCode).toBe(125);
  expect(stderr).toContain('Nosuch');
});

test('JSON has the fields of Podman in its order', async () => {
  const [entry] = JSON.parse(await engine.ok('ps', '--format', 'json')) as Record<string, unknown>[];
  expect(Object.keys(entry ?? {}).slice(0, 4)).toEqual(['AutoRemove', 'Command', 'CreatedAt', 'CIDFile']);
  expect(entry).toMatchObject({
    Id: ids['runs'],
    Command: ['sleep', '1000'],
    Names: ['runs'],
    State: 'running',
    Size: null,
  });
  expect(entry?.['Status']).toMatch(/^Up /);
  expect(Math.abs(Number(entry?.['Created']) - Date.now() / 1000)).toBeLessThan(600);
});

test('--ns shows the namespaces of the process', async () => {
  const pid = await engine.ok('inspect', '--format', '{{.State.Pid}}', 'runs');
  const net = /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1];
  expect(await engine.ok('ps', '--ns', '--format', '{{.Pid}} {{.NET}}')).toBe(`${pid} ${net}`);
  expect(await engine.ok('ps', '--ns')).toMatch(
    /^CONTAINER ID +NAMES +PID +CGROUPNS +IPC +MNT +NET +PIDNS +USERNS +UTS\n/,
  );
});

test.each([
  [['--last', '2', '--latest'], 'last and latest are mutually exclusive'],
  [['-q', '--size'], 'quiet conflicts with size and namespace'],
  [['--size', '--ns'], 'size and namespace options conflict'],
  [['--filter', 'colour=red'], 'colour is an invalid filter'],
  [['--filter', 'running'], 'invalid filter "running"'],
])('ps %j is refused', async (args, message) => {
  const { stderr, exitCode } = await engine.tspod('ps', ...args);
  expect({ stderr, exitCode }).toEqual({ stderr: `Error: ${message}\n`, exitCode: 125 });
});

test('an unknown sort key is refused with the choices', async () => {
  const { stderr, exitCode } = await engine.tspod('ps', '--sort', 'colour');
  expect(exitCode).toBe(125);
  expect(stderr).toContain('command');
});
