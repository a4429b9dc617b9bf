/** Command lines of the monitor. Pure. */
import type { LogConfig } from '../container.ts';
import type { CommonOptions, ExecMonitorOptions, MonitorOptions } from './options.ts';

/** For a container. */
export function createArguments(options: MonitorOptions): string[] {
  return [
    ...commonArguments(options, options.id, options.id),
    ...['--conmon-pidfile', options.monitorPidFile],
    ...when(options.fullAttach, '--full-attach'),
    ...(options.socketDir === undefined ? [] : ['--socket-dir-path', options.socketDir]),
    ...logArguments(options.log),
    ...when(options.leaveStdinOpen, '--leave-stdin-open'),
    ...when(options.runAtOnce === true, '--run-at-once'),
    ...when(options.deleteAfter === true, '--delete-after'),
    ...when(options.systemdCgroup, '--systemd-cgroup'),
    ...(options.timeout ? ['--timeout', String(options.timeout)] : []),
    ...(options.sdnotifySocket === undefined ? [] : ['--sdnotify-socket', options.sdnotifySocket]),
    ...(options.healthConfig && !options.monitor ? ['--health-config', options.healthConfig] : []),
    ...when(options.noPivot, '--no-pivot'),
    ...(options.runtimeOpts ?? []).flatMap((word) => ['--runtime-opt', word]),
    ...preserveArguments(options.preserveFds),
  ];
}

/** For another process in a running container. */
export function execArguments(options: ExecMonitorOptions): string[] {
  return [
    ...commonArguments(options, options.containerId, options.sessionId),
    ...['--exec', '--exec-attach', '--exec-process-spec', options.processFile, '--full-attach'],
    ...['--log-path', 'none:'],
    ...preserveArguments(Math.max(2, ...options.preserveFds) - 2),
  ];
}

function commonArguments(options: CommonOptions, id: string, uuid: string): string[] {
  const [exitProgram, ...exitArguments] = options.exitCommand;
  const lock = options.monitor === undefined ? options.exitCommandLock : undefined;
  return [
    ...['--api-version', '1', '--cid', id, '--cuuid', uuid, '--name', options.name],
    ...['--bundle', options.bundle, '--container-pidfile', options.pidFile],
    ...['--runtime', options.runtime, ...options.runtimeArgs.flatMap((word) => ['--runtime-arg', word])],
    ...['--exit-dir', options.exitDir, '--persist-dir', options.persistDir],
    ...when(options.terminal, '--terminal'),
    ...when(options.stdin, '--stdin'),
    ...(exitProgram === undefined ? [] : ['--exit-command', exitProgram]),
    ...exitArguments.flatMap((word) => ['--exit-command-arg', word]),
    ...(lock === undefined ? [] : ['--exit-command-lock', lock]),
    ...(options.exitDelay ? ['--exit-delay', String(options.exitDelay)] : []),
  ];
}

function logArguments(log: LogConfig): string[] {
  const driver = log.driver === 'json-file' ? 'k8s-file' : log.driver.replace('-tty', '');
  const path = driver === 'k8s-file' ? `${driver}:${log.path}` : `${driver}:`;
  return [
    ...['--log-path', path],
    // Losing the last records in a power cut is a fair price for a faster end of every container.
    '--no-sync-log',
    ...(log.sizeMax > 0 && driver === 'k8s-file' ? ['--log-size-max', String(log.sizeMax)] : []),
    ...(log.tag !== '' && driver === 'journald' ? ['--log-tag', log.tag] : []),
  ];
}

function preserveArguments(count: number): string[] {
  return count > 0 ? ['--runtime-opt', '--preserve-fds', '--runtime-opt', String(count)] : [];
}

function when(condition: boolean, flag: string): string[] {
  return condition ? [flag] : [];
}
