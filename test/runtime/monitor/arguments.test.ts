import { expect, test } from 'vitest';
import { createArguments, execArguments } from '../../../src/runtime/monitor/arguments.ts';
import type { ExecMonitorOptions, MonitorOptions } from '../../../src/runtime/monitor/options.ts';

const common = {
  name: 'web',
  bundle: '/b',
  runtime: '/usr/bin/crun',
  runtimeArgs: ['--cgroup-manager=cgroupfs'],
  pidFile: '/p',
  exitDir: '/e',
  persistDir: '/d',
  terminal: false,
  stdin: false,
  exitCommand: ['/tspod', 'container', 'cleanup', 'x'],
  env: {},
};

function container(changes: Partial<MonitorOptions> = {}): string {
  return createArguments({
    ...common,
    id: 'ID',
    monitorPidFile: '/m',
    fullAttach: true,
    log: { driver: 'k8s-file', path: '/log', sizeMax: -1, tag: '', options: {} },
    leaveStdinOpen: false,
    systemdCgroup: false,
    noPivot: false,
    preserveFds: 0,
    extraFds: [],
    ...changes,
  }).join(' ');
}

function session(changes: Partial<ExecMonitorOptions> = {}): string {
  const ids = { containerId: 'ID', sessionId: 'SESSION', processFile: '/f', preserveFds: [] };
  return execArguments({ ...common, ...ids, ...changes }).join(' ');
}

test('a container has its ids, its files and the exit command', () => {
  const line = container();
  expect(line).toContain('--api-version 1 --cid ID --cuuid ID --name web --bundle /b --container-pidfile /p');
  expect(line).toContain('--runtime /usr/bin/crun --runtime-arg --cgroup-manager=cgroupfs');
  expect(line).toContain('--exit-command /tspod --exit-command-arg container --exit-command-arg cleanup');
  expect(line).toContain('--log-path k8s-file:/log');
  for (const flag of ['--terminal', '--stdin', '--timeout', '--exec']) expect(line).not.toContain(flag);
});

test('log drivers have the names the monitor knows', () => {
  const log = { path: '/log', sizeMax: 10, tag: 'T', options: {} };
  expect(container({ log: { ...log, driver: 'json-file' } })).toContain(
    'k8s-file:/log --no-sync-log --log-size-max 10',
  );
  expect(container({ log: { ...log, driver: 'passthrough-tty' } })).toContain('--log-path passthrough:');
  expect(container({ log: { ...log, driver: 'none' } })).toContain('--log-path none:');
  expect(container({ log: { ...log, driver: 'journald' } })).toContain('journald: --no-sync-log --log-tag T');
});

test('preserved descriptors become an option of the runtime', () => {
  expect(container({ preserveFds: 2 })).toContain('--runtime-opt --preserve-fds --runtime-opt 2');
  expect(session({ preserveFds: [5, 4] })).toContain('--runtime-opt --preserve-fds --runtime-opt 3');
});

test('a session has the container and its own id', () => {
  expect(session()).toContain('--cid ID --cuuid SESSION');
  expect(session()).toContain('--exec --exec-attach --exec-process-spec /f --full-attach --log-path none:');
});

test('a foreign monitor does not get the option that only ours knows', () => {
  expect(container({ exitCommandLock: '/lock' })).toContain('--exit-command-lock /lock');
  expect(container({ exitCommandLock: '/lock', monitor: '/usr/bin/conmon' })).not.toContain('--exit-command-lock');
});
