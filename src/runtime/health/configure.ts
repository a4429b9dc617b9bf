/** Tells the monitor what to check: a file of `KEY VALUE` lines, and the processes that the runtime shall run. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { bundleDir, containerRunDir } from '../../config/paths.ts';
import { TspodError } from '../../errors.ts';
import type { HealthConfig } from '../../oci/image-spec.ts';
import { eventLine } from '../../storage/event-log.ts';
import { writeFileAtomic } from '../../system/atomic-file.ts';
import type { Container, ContainerConfig } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { execProcess, type MountedContainer } from '../exec-process.ts';
import { tellMonitor } from '../monitor/control.ts';
import { hasHealthcheck, healthConfigPath, healthLogPath } from './paths.ts';

/**
 * Writes or removes the files, before the monitor starts; the bundle must be there. What an earlier run left is
 * forgotten. BAD_ARGUMENT when the results cannot be written where the user wants them.
 */
export function prepareHealth(rt: RuntimeContext, config: ContainerConfig, mountpoint: string): void {
  rmSync(healthConfigPath(rt.paths, config.id), { force: true });
  if (!hasHealthcheck(config)) return;
  rmSync(healthLogPath(rt.paths, config), { force: true });
  writeHealth(rt, { config, state: { mountpoint } });
}

/** For a container that runs: the monitor takes on what `update` changed. */
export async function changeHealth(rt: RuntimeContext, container: Container): Promise<void> {
  const { config } = container;
  if (hasHealthcheck(config)) writeHealth(rt, container);
  else rmSync(healthConfigPath(rt.paths, config.id), { force: true });
  await tellMonitor(`${bundleDir(rt.paths, config.id)}/ctl`, '3 0 0');
}

type Field = [key: string, value: string | number | undefined];

function writeHealth(rt: RuntimeContext, container: MountedContainer): void {
  const { config } = container;
  const { healthcheck, startupHealthcheck: startup } = config;
  const fields: Field[] = [
    ...checkFields('', processFile(rt, container, 'health', healthcheck), healthcheck),
    ['start-period', milliseconds(healthcheck?.StartPeriod)],
    ...(startup?.Test ? checkFields('startup-', processFile(rt, container, 'startup', startup), startup) : []),
    ['startup-successes', startup?.Successes],
    ['max-count', config.healthMaxLogCount ?? 5],
    ['max-size', config.healthMaxLogSize ?? 500],
    ['log', healthLogPath(rt.paths, config)],
    ...eventFields(rt, config),
    ['notify', config.sdnotify === 'healthy' ? config.sdnotifySocket : undefined],
    ...[...rt.selfCommand, 'container', 'cleanup', config.id, '--unhealthy'].map((word): Field => ['action', word]),
  ];
  const text = fields.flatMap(([key, value]) => (value === undefined ? [] : [line(key, value)])).join('');
  writeFileAtomic(healthConfigPath(rt.paths, config.id), text, { mode: 0o600, sync: false });
}

function line(key: string, value: string | number): string {
  const text = `${key} ${value}\n`;
  if (text.indexOf('\n') === text.length - 1) return text;
  throw new TspodError('BAD_ARGUMENT', `health checks: ${key} ${JSON.stringify(value)} must be one line`);
}

type Check = HealthConfig & { Successes?: number };

function checkFields(prefix: string, process: string, check: Check | null): Field[] {
  return [
    [`${prefix}process`, process],
    [`${prefix}interval`, milliseconds(check?.Interval)],
    [`${prefix}timeout`, milliseconds(check?.Timeout)],
    [`${prefix}retries`, check?.Retries],
  ];
}

/** From nanoseconds; what is there at all is not nothing. */
function milliseconds(nanoseconds = 0): number {
  return nanoseconds <= 0 ? 0 : Math.min(Math.max(Math.round(nanoseconds / 1e6), 1), 2 ** 31 - 1);
}

function processFile(rt: RuntimeContext, container: MountedContainer, name: string, check: Check | null): string {
  const folder = containerRunDir(rt.paths, container.config.id);
  const path = `${folder}/${name}-process.json`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { healthLogDestination = '' } = container.config;
  if (healthLogDestination.startsWith('/')) mkdirSync(healthLogDestination, { recursive: true });
  const process = execProcess(rt, container, { command: commandOf(check?.Test ?? []) });
  writeFileSync(path, JSON.stringify(process), { mode: 0o600 });
  return path;
}

function commandOf([kind = '', ...words]: string[]): string[] {
  if (kind === 'CMD') return words;
  return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', words.join(' ')] : [kind, ...words];
}

/** An event around the two things that the monitor puts in: the time, and how the check went. */
function eventFields(rt: RuntimeContext, config: ContainerConfig): Field[] {
  const settings = rt.conf.engine.healthcheckEvents ? rt.journal?.settings : null;
  if (!settings) return [];
  const text = eventLine({
    ID: config.id,
    Image: config.imageName,
    Name: config.name,
    Status: 'health_status',
    Type: 'container',
    PodID: config.pod,
    Attributes: config.labels,
  });
  const [head = '', tail = ''] = text.trimEnd().split(/(?<="Time":")[^"]*","Type":"container"/);
  return [
    ['event-log', settings.path],
    ['event-head', head],
    ['event-tail', tail],
    ['event-limit', settings.maxSize],
    ['event-with-log', config.healthLogDestination === 'events_logger' ? 1 : 0],
  ];
}
