import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { busyboxRoot } from '../commands/busybox.ts';
import { leftovers, until } from '../helpers/leftovers.ts';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
let root: string;

beforeAll(() => {
  engine = newEngine();
  root = busyboxRoot(engine.dir);
});
afterAll(() => engine.cleanup());

/** `pause` ends at SIGTERM at once, which a first process would not do by itself. */
const pause = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
const run = (name: string, ...args: string[]) =>
  engine.ok('run', '-d', '--network', 'none', '--name', name, ...args, '--rootfs', `${root}:O`, ...pause);
const manual = ['--health-interval', 'disable', '--health-retries', '1'];
const inspect = (name: string, format: string) => engine.ok('inspect', '--format', format, name);
const health = async (name: string) => JSON.parse(await inspect(name, '{{json .State.Health}}'));

test('the monitor checks by itself; inspect, ps, filters and wait know the result', async () => {
  await run('auto', '--health-cmd', 'echo life is good', '--health-interval', '100ms');
  await engine.ok('wait', '--condition', 'healthy', 'auto');
  expect(await engine.ok('ps', '--filter', 'health=healthy', '--format', '{{.Status}}')).toMatch(/^Up .* \(healthy\)$/);
  expect(await health('auto')).toMatchObject({ Status: 'healthy', FailingStreak: 0 });
  expect((await health('auto')).Log[0]).toMatchObject({ ExitCode: 0, Output: 'life is good\n' });
  await engine.ok('update', '--health-cmd', 'false', 'auto');
  await engine.ok('wait', '--condition', 'unhealthy', 'auto');
  expect(await engine.ok('ps', '--filter', 'health=healthy', '-q')).toBe('');
  const filters = ['--filter', 'container=auto', '--filter', 'event=health_status', '--format', '{{.HealthStatus}}'];
  const told = (await engine.ok('events', '--stream=false', ...filters)).split('\n');
  expect([told[0], told.at(-1)]).toEqual(['healthy', 'unhealthy']);
  await engine.ok('update', '--no-healthcheck', 'auto');
  expect(await inspect('auto', '{{.State.Health}}')).toBe('<nil>');
});

test('healthcheck run says how it went, and why it cannot', async () => {
  await run('asked', '--health-cmd', 'test ! -e /tmp/bad', ...manual);
  expect(await engine.tspod('healthcheck', 'run', 'asked')).toMatchObject({ exitCode: 0, stdout: '' });
  await engine.ok('exec', 'asked', 'sh', '-c', 'echo > /tmp/bad');
  expect(await engine.tspod('healthcheck', 'run', 'asked')).toMatchObject({ exitCode: 1, stdout: 'unhealthy\n' });
  expect(await health('asked')).toMatchObject({ Status: 'unhealthy', FailingStreak: 1 });
  await engine.ok('pause', 'asked');
  const paused = await engine.tspod('healthcheck', 'run', 'asked');
  expect(paused).toMatchObject({ exitCode: 125, stderr: expect.stringMatching(/ is not running\n$/) });
  await engine.ok('unpause', 'asked');
  await engine.ok('update', '--health-cmd', 'sleep 60', '--health-timeout', '1s', 'asked');
  const late = await engine.tspod('healthcheck', 'run', 'asked');
  expect(late).toMatchObject({ exitCode: 125, stderr: 'Error: healthcheck command exceeded timeout of 1s\n' });
  await engine.ok('restart', 'asked');
  expect(await health('asked')).toEqual({ Status: 'starting', FailingStreak: 0, Log: null });
  await run('plain');
  const none = await engine.tspod('healthcheck', 'run', 'plain');
  expect(none).toMatchObject({ exitCode: 125, stderr: expect.stringMatching(/ has no defined healthcheck\n$/) });
  const missing = await engine.tspod('healthcheck', 'run', 'nobody');
  expect(missing.stderr).toContain('unable to look up nobody to perform a health check: no container with name');
});

test('an unhealthy container is killed, stopped or started again, by the monitor and by who asked', async () => {
  for (const action of ['kill', 'stop']) {
    await run(
      action,
      '--health-cmd',
      'false',
      '--health-interval',
      '50ms',
      '--health-retries',
      '1',
      '--health-on-failure',
      action,
    );
    await engine.ok('wait', action);
    expect(await inspect(action, '{{.State.ExitCode}}')).toBe(action === 'kill' ? '137' : '0');
  }
  await run('again', '--health-cmd', 'test ! -e /tmp/bad', ...manual, '--health-on-failure', 'restart');
  const pid = await inspect('again', '{{.State.Pid}}');
  await engine.ok('exec', 'again', 'sh', '-c', 'echo > /tmp/bad');
  expect((await engine.tspod('healthcheck', 'run', 'again')).stdout).toBe('unhealthy\n');
  expect(await inspect('again', '{{.State.Status}} {{.State.Health.FailingStreak}} {{.RestartCount}}')).toBe(
    'running 0 1',
  );
  expect(await inspect('again', '{{.State.Pid}}')).not.toBe(pid);
});

test('a start-up that fails too often begins again', async () => {
  const startup = [
    '--health-startup-cmd',
    'false',
    '--health-startup-interval',
    '50ms',
    '--health-startup-retries',
    '2',
  ];
  await run('startup', '--health-cmd', 'true', ...startup);
  await until('it was started again', async () => Number(await inspect('startup', '{{.RestartCount}}')) > 0);
  await engine.ok('rm', '-f', '-t', '0', 'startup');
});

test('results go to a folder of the user, and with the container ends its check', async () => {
  const folder = `${engine.dir}/results`;
  mkdirSync(folder);
  const id = await run('kept', '--health-cmd', 'echo x; sleep 600', '--health-log-destination', folder);
  const running = engine.tspod('healthcheck', 'run', 'kept');
  await until('the check runs', async () => (await engine.ok('top', 'kept', 'args')).includes('sleep 600'));
  await engine.ok('stop', 'kept');
  expect(await running).toMatchObject({ exitCode: 1, stdout: 'stopped\n' });
  expect(JSON.parse(readFileSync(`${folder}/${id}-healthcheck.log`, 'utf8'))).toMatchObject({
    Status: 'stopped',
    FailingStreak: 0,
  });
  expect(await inspect('kept', '{{.State.Health.Status}}')).toBe('stopped');
});

test('a paused container is neither checked nor unhealthy', async () => {
  await run('paused', '--health-cmd', 'true', '--health-interval', '50ms', '--health-timeout', '1s');
  await engine.ok('wait', '--condition', 'healthy', 'paused');
  await engine.ok('pause', 'paused');
  const last = async () => (await health('paused')).Log.at(-1).Start;
  const before = await last();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect([await last(), (await health('paused')).Status]).toEqual([before, 'healthy']);
  await engine.ok('unpause', 'paused');
  await until('it is checked again', async () => (await last()) !== before);
});

test('wishes that make no sense are refused', async () => {
  const wrong = await engine.tspod('create', '--health-on-failure', 'kill', '--rootfs', root);
  expect(wrong.stderr).toBe('Error: cannot set on-failure action to kill without a health check\n');
});

test('nothing is left of checks when their containers are removed', async () => {
  await engine.ok('rm', '--all', '--force', '--time', '0');
  await until('all processes are gone', () => leftovers(engine.dir).length === 0);
  expect(existsSync(`${engine.runroot}/overlay-containers`)).toBe(true);
});
