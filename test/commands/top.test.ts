import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = newEngine();
  const root = busyboxRoot(engine.dir);
  const script = 'sleep 1001 & exec sleep 1000';
  await engine.ok(
    'run',
    '-d',
    '--name',
    'web',
    '--user',
    'web',
    '--network',
    'none',
    '--rootfs',
    root,
    'sh',
    '-c',
    script,
  );
  await engine.ok('create', '--name', 'fresh', '--network', 'none', '--rootfs', root, 'true');
}, 120_000);
afterAll(() => engine.cleanup());

const cells = (text: string) => text.split('\n').map((line) => line.trim().split(/ {2,}/));

test('the processes of a container, as ps -ef shows them', async () => {
  const [heading, first, second] = cells(await engine.ok('top', 'web'));
  expect(heading).toEqual(['USER', 'PID', 'PPID', '%CPU', 'ELAPSED', 'TTY', 'TIME', 'COMMAND']);
  expect([first?.[0], first?.[1], first?.[2], first?.[7]]).toEqual(['web', '1', '0', 'sleep 1000']);
  expect([second?.[2], second?.[7]]).toEqual(['1', 'sleep 1001']);
});

test('descriptors by name and by code, joined by commas or not', async () => {
  const [heading, first] = cells(
    await engine.ok('top', 'web', 'pid,comm', '%U', 'uid', 'group', 'state', 'seccomp', 'capeff'),
  );
  expect(heading).toEqual(['PID', 'COMMAND', 'USER', 'UID', 'GROUP', 'STATE', 'SECCOMP', 'EFFECTIVE CAPS']);
  expect(first).toEqual(['1', 'sleep', 'web', '33', 'www-data', 'S', 'filter', 'none']);
});

test('the host sees the same processes under other numbers', async () => {
  const pid = await engine.ok('inspect', '--format', '{{.State.Pid}}', 'web');
  const [, first] = cells(await engine.ok('top', 'web', 'hpid', 'huid'));
  expect(first).toEqual([pid, '33']);
});

test('what is no descriptor goes to ps(1) inside the pid namespace', async () => {
  const lines = cells(await engine.ok('top', 'web', '-eo', 'pid,comm')).map((line) =>
    line.join(' ').replace(/ +/g, ' '),
  );
  expect(lines.slice(0, 2)).toEqual(['PID COMMAND', '1 sleep']);
  expect(await engine.ok('top', 'web', '-eo "pid comm"')).toMatch(/^\s*PID COMMAND\n\s+1 sleep\n/);
  const { stderr, exitCode } = await engine.tspod('top', 'web', 'nosuch');
  expect(exitCode).toBe(125);
  expect(stderr).toMatch(/^Error: ps\(1\) failed with exit code 1: /);
});

test.each([
  [['fresh'], 'top can only be used on running containers'],
  [['nosuch'], 'no container with name or ID "nosuch" found: no such container'],
  [[], 'you must provide the name or id of a running container'],
])('top %j is refused', async (args, message) => {
  const { stderr, exitCode } = await engine.tspod('top', ...args);
  expect({ stderr, exitCode }).toEqual({ stderr: `Error: ${message}\n`, exitCode: 125 });
});

test('stats shows what a running container uses', async () => {
  const [row] = JSON.parse(await engine.ok('stats', '--no-stream', '--no-reset', '--format', 'json')) as Record<
    string,
    string
  >[];
  expect(row).toMatchObject({ name: 'web', pids: '2' });
  expect(row?.['mem_usage']).toMatch(/^[\d.]+[kM]B \/ [\d.]+GB$/);
  const table = await engine.ok('stats', '--no-stream', '--no-reset', '--all');
  expect(table.split('\n')[0]).toMatch(
    /^ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET IO +BLOCK IO +PIDS +CPU TIME +AVG CPU %$/,
  );
  expect(table).toMatch(/ fresh .* 0B \/ 0B /);
});
