/** `update`: single settings of a container's health checks, the others stay. */
import type { HealthConfig } from '../../oci/image-spec.ts';
import type { ContainerConfig } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { CreateOptions } from './create-options.ts';
import { failureAction, interval, startPeriod, testCommand, timeout } from './health.ts';

/** The flags of `update`; those that are not in `given` hold defaults and count for nothing. */
export type HealthFlags = Pick<
  CreateOptions,
  'given' | 'noHealthcheck' | Extract<keyof CreateOptions, `health${string}`>
>;

/** @throws BAD_ARGUMENT for a setting of a check that the container has not */
export function updateHealth(config: ContainerConfig, flags: HealthFlags): ContainerConfig {
  const { given } = flags;
  const { startupHealthcheck, ...rest } = config;
  if (flags.noHealthcheck) return { ...rest, healthcheck: { Test: ['NONE'] } };
  const startup = merged(startupHealthcheck ?? null, startupChanges(flags));
  const check = merged(config.healthcheck, checkChanges(flags));
  const onFailure = given.has('health-on-failure')
    ? failureAction(flags.healthOnFailure)
    : config.healthcheck?.onFailure;
  return {
    ...rest,
    healthcheck: check && { ...check, ...(onFailure && { onFailure }) },
    ...(startup && { startupHealthcheck: startup }),
    ...(given.has('health-log-destination') && { healthLogDestination: flags.healthLogDestination }),
    ...(given.has('health-max-log-count') && { healthMaxLogCount: flags.healthMaxLogCount }),
    ...(given.has('health-max-log-size') && { healthMaxLogSize: flags.healthMaxLogSize }),
  };
}

type Check = HealthConfig & { Successes?: number };

const defaults = { Interval: 30e9, Timeout: 30e9, StartPeriod: 0, Retries: 3 };

function merged(before: Check | null, changes: Check): Check | null {
  if (Object.keys(changes).length === 0) return before;
  if (!before?.Test && !changes.Test) badArgument('cannot change the healthcheck: healthcheck command is not set');
  return { ...(before ?? defaults), ...changes };
}

function checkChanges(flags: HealthFlags): Check {
  const { given, healthCmd } = flags;
  if (given.has('health-retries') && flags.healthRetries < 1) {
    badArgument('healthcheck-retries must be greater than 0');
  }
  return {
    ...(given.has('health-cmd') && { Test: testCommand(healthCmd ?? '') }),
    ...(given.has('health-interval') && { Interval: interval(flags.healthInterval) }),
    ...(given.has('health-timeout') && { Timeout: timeout(flags.healthTimeout) }),
    ...(given.has('health-start-period') && { StartPeriod: startPeriod(flags.healthStartPeriod) }),
    ...(given.has('health-retries') && { Retries: flags.healthRetries }),
  };
}

function startupChanges(flags: HealthFlags): Check {
  const { given } = flags;
  return {
    ...(given.has('health-startup-cmd') && { Test: testCommand(flags.healthStartupCmd ?? '') }),
    ...(given.has('health-startup-interval') && { Interval: interval(flags.healthStartupInterval) }),
    ...(given.has('health-startup-timeout') && { Timeout: timeout(flags.healthStartupTimeout) }),
    ...(given.has('health-startup-retries') && { Retries: flags.healthStartupRetries ?? 0 }),
    ...(given.has('health-startup-success') && { Successes: flags.healthStartupSuccess ?? 0 }),
  };
}
