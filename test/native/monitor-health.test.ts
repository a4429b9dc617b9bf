import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { tellMonitor } from '../../src/runtime/monitor/control.ts';
import { connectAttach } from '../../src/system/seqpacket.ts';
import { processesOf } from '../helpers/leftovers.ts';
import { buildSanitized, MonitorRun, until } from './monitor-harness.ts';

/** As the runtime of the harness; its exec runs the file `check` and stays with it. */
const exec = `#!/bin/sh
dir=$(dirname "$0")
if [ "$1" = exec ]; then
  echo "$*" >> "$dir/checks"
  exec setsid -w sh -c 'echo $$ > "$1"; exec sh "$2"' - "$3" "$dir/check"
fi
`;

/** The program changes as it does when a real runtime starts a container. */
const payload = 'sleep 0.1; exec /bin/busybox sleep 60';

let run: MonitorRun;
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
  writeFileSync(`${run.dir}/runtime`, exec + readFileSync(`${run.dir}/runtime`, 'utf8').replace('#!/bin/sh\n', ''));
  chmodSync(`${run.dir}/runtime`, 0o755);
});
afterEach(() => run.cleanUp());

const configPath = () => `${run.dir}/health.conf`;
const logPath = () => `${run.dir}/healthcheck.log`;

function configure(check: string, fields: Record<string, string | number> = {}): void {
  writeFileSync(`${run.dir}/check`, check);
  const all = { process: '/dev/null', interval: 30, timeout: 5000, retries: 2, log: logPath(), ...fields };
  writeFileSync(
    configPath(),
    Object.entries(all)
      .map(([key, value]) => `${key} ${value}\n`)
      .join(''),
  );
}

function start(text = payload): void {
  run.start(text, { args: ['--health-config', configPath()] });
}

interface Results {
  Status: string;
  FailingStreak: number;
  Log: { ExitCode: number; Output: string }[] | null;
}

const results = (): Results => JSON.parse(readFileSync(logPath(), 'utf8'));
const count = () => (existsSync(logPath()) ? (results().Log ?? []).length : 0);

async function ask(): Promise<Record<string, string>> {
  await until(() => answers(`${run.bundle}/health`));
  const socket = connectAttach(`${run.bundle}/health`);
  let reply = '{}';
  socket.onPacket((_, data) => {
    reply = data.toString();
    socket.close();
  });
  await socket.write(Buffer.from('run'));
  await socket.closed;
  return JSON.parse(reply);
}

test('checks begin with the container, and the last results are kept', async () => {
  configure('echo fine; echo "no \\"error\\"" >&2', { 'max-count': 3 });
  start('sleep 0.5; exec /bin/busybox sleep 60');
  await run.report();
  await until(() => existsSync(logPath()));
  expect(results()).toEqual({ Status: 'starting', FailingStreak: 0, Log: null });
  await until(() => count() === 3);
  const calls = () => readFileSync(`${run.dir}/checks`, 'utf8').trim().split('\n');
  await until(() => calls().length > 5);
  expect(results()).toMatchObject({ Status: 'healthy', FailingStreak: 0 });
  expect(count()).toBe(3);
  expect(results().Log?.[0]).toMatchObject({ ExitCode: 0, Output: 'fine\nno "error"\n' });
  expect(calls()[0]).toBe(`exec --pid-file ${configPath()}.pid --process /dev/null ${run.id}`);
});

test('after so many failures the container is unhealthy, and the engine is called', async () => {
  const script = `echo "$0" > ${run.dir}/acted.tmp; mv ${run.dir}/acted.tmp ${run.dir}/acted`;
  configure('exit 7', { action: `/bin/sh\naction -c\naction ${script}` });
  start();
  await until(() => existsSync(`${run.dir}/acted`));
  expect(readFileSync(`${run.dir}/acted`, 'utf8')).toBe('unhealthy\n');
  expect(results()).toMatchObject({ Status: 'unhealthy', Log: [{ ExitCode: 1 }, { ExitCode: 1 }] });
});

test('failures of the start period do not count, and one success ends the streak', async () => {
  configure('exit 1', { 'start-period': 60_000 });
  start();
  await until(() => count() > 3);
  expect(results()).toMatchObject({ Status: 'starting', FailingStreak: 0 });
  configure('exit 1', { retries: 50 });
  await tellMonitor(`${run.bundle}/ctl`, '3 0 0');
  await until(() => results().FailingStreak > 2);
  writeFileSync(`${run.dir}/check`, 'exit 0');
  await until(() => results().FailingStreak === 0);
  expect(results().Status).toBe('healthy');
});

test('a check that takes too long ends with all its processes, and output flows on meanwhile', async () => {
  const seconds = `987.${process.pid}`;
  configure(`echo begun; sleep ${seconds} & sleep ${seconds}`, { timeout: 300, interval: 60_000 });
  start('sleep 0.1; exec /bin/busybox sh -c "while :; do echo tick; sleep 0.02; done"');
  await until(() => processesOf(seconds).length > 1);
  await until(() => count() === 1);
  expect(results().Log?.[0]).toMatchObject({ ExitCode: -1, Output: 'begun\n' });
  const before = run.records().length;
  await until(() => run.records().length > before);
  expect(existsSync(`${configPath()}.pid`)).toBe(false);
  await until(() => processesOf(seconds).length === 0);
});

test('a flood, binary output and half letters are cut and become valid JSON', async () => {
  configure('printf "a\\000\\377\\033\\303"; head -c 3000000 /dev/zero', { 'max-size': 20, interval: 60_000 });
  start();
  await until(() => count() === 1);
  expect(results().Log?.[0]?.Output).toBe(`a\0\ufffd\x1b\ufffd${'\0'.repeat(15)}`);
});

test('the check of the start-up comes first, then the usual one', async () => {
  const startup = { 'startup-process': '/dev/zero', 'startup-interval': 20, 'startup-successes': 2 };
  configure('exit 0', startup);
  start();
  const processes = () => readFileSync(`${run.dir}/checks`, 'utf8').match(/\/dev\/(null|zero)/g) ?? [];
  await until(() => existsSync(`${run.dir}/checks`) && processes().length > 3);
  expect(processes().slice(0, 4)).toEqual(['/dev/zero', '/dev/zero', '/dev/null', '/dev/null']);
});

test('who asks gets the result of a check of its own, and what is to be done', async () => {
  configure('exit 0', { interval: 0, retries: 1 });
  start();
  expect(await ask()).toEqual({ result: 'healthy', status: 'healthy', action: '' });
  configure('exit 1', { interval: 0, retries: 1 });
  expect(await ask()).toEqual({ result: 'unhealthy', status: 'unhealthy', action: 'unhealthy' });
  configure('sleep 99', { interval: 0, timeout: 50 });
  await tellMonitor(`${run.bundle}/ctl`, '3 0 0');
  expect((await Promise.all([ask(), ask(), ask()])).map(({ result }) => result)).toEqual(Array(3).fill('timeout'));
});

test('a request that is none, and clients that vanish, do no harm', async () => {
  configure('exit 0', { interval: 0 });
  start();
  await until(() => answers(`${run.bundle}/health`));
  for (let i = 0; i < 30; i++) {
    const socket = connectAttach(`${run.bundle}/health`);
    await socket.write(Buffer.from(i % 2 === 0 ? 'run' : 'x'.repeat(3000)));
    socket.close();
  }
  expect((await ask())['result']).toBe('healthy');
});

test('a check that ends with its container is no failure', async () => {
  configure('sleep 60', { interval: 1000 });
  start();
  await until(() => existsSync(`${run.dir}/checks`));
  process.kill(Number(readFileSync(`${run.dir}/pidfile`, 'utf8')), 'SIGKILL');
  await run.end();
  expect(results()).toEqual({ Status: 'stopped', FailingStreak: 0, Log: null });
  expect(existsSync(`${run.bundle}/health`)).toBe(false);
});

test('without its file there are no checks, until the engine writes one; without it again they end', async () => {
  start();
  await run.report();
  expect(existsSync(`${run.bundle}/health`)).toBe(false);
  configure('exit 0');
  await tellMonitor(`${run.bundle}/ctl`, '3 0 0');
  await until(() => count() > 1);
  writeFileSync(configPath(), 'nonsense\n\nprocess\n\0\0\ninterval 99999999999999999999\naction\n');
  await tellMonitor(`${run.bundle}/ctl`, '3 0 0');
  await until(() => !existsSync(`${run.bundle}/health`));
});

test('each result is an event between what the engine put before and behind it', async () => {
  const path = `${run.dir}/journal`;
  const event = { 'event-log': path, 'event-head': '{"ID":"x","Time":"', 'event-tail': ',"Attributes":{}}' };
  configure('echo "a\\"b"; exit 1', { ...event, 'event-with-log': 1, retries: 1, interval: 60_000 });
  start();
  await until(() => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'));
  const { Time, health_log, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  expect(rest).toEqual({
    ...{ ID: 'x', Type: 'container', Attributes: {} },
    ...{ health_status: 'unhealthy', health_failing_streak: 1 },
  });
  expect(Date.parse(Time)).toBeGreaterThan(0);
  expect(JSON.parse(health_log)).toMatchObject({ ExitCode: 1, Output: 'a"b\n' });
});

/** A socket has its name before it listens. */
function answers(path: string): boolean {
  try {
    connectAttach(path).close();
    return true;
  } catch {
    return false;
  }
}
