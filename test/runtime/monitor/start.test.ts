import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MonitorOptions, startMonitor } from '../../../src/runtime/monitor/start.ts';
import { MonitorRun } from '../../native/monitor-harness.ts';

let run: MonitorRun;
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

function options(payload: string, env: Record<string, string> = {}): MonitorOptions {
  return {
    ...{ id: run.id, name: 'test', bundle: run.bundle, runtime: `${run.dir}/runtime`, runtimeArgs: [] },
    ...{ pidFile: `${run.dir}/pidfile`, monitorPidFile: `${run.dir}/monitor-pid` },
    ...{ exitDir: `${run.dir}/exits`, persistDir: `${run.dir}/persist`, exitCommand: [] },
    ...{ terminal: false, stdin: false, leaveStdinOpen: false, fullAttach: true, systemdCgroup: false, noPivot: false },
    ...{ preserveFds: 0, extraFds: [], log: { driver: 'k8s-file', path: run.log, sizeMax: 0, tag: '', options: {} } },
    env: { PATH: process.env['PATH'], PAYLOAD: payload, ...env },
  };
}

test('the end comes when the exit file is written', async () => {
  const monitor = await startMonitor(options('exit 5'));
  expect(await monitor.ended).toBeUndefined();
  expect(run.exitFile()).toBe('5');
});

test('an exit code that cannot be written to its file is told', async () => {
  const monitor = await startMonitor(options('sleep 0.2; exit 5'));
  rmSync(`${run.dir}/exits`, { recursive: true });
  expect(await monitor.ended).toBe(5);
});

test('a runtime that crashes is an error with its words, also when they are many', async () => {
  const crash = options('true', { BEFORE: 'head -c 100000 /dev/zero | tr "\\0" ä >&2; echo the end >&2; exit 2' });
  await expect(startMonitor(crash)).rejects.toMatchObject({
    code: 'RUNTIME_FAILED',
    message: expect.stringMatching(/the end/),
  });
});
