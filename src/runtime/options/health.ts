/** --health-*: stored with the container. */
import type { HealthConfig } from '../../oci/image-spec.ts';
import type { ContainerConfig, HealthcheckSettings } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { goDuration } from './size.ts';

type Health = Pick<ContainerConfig, 'healthcheck' | 'startupHealthcheck'> &
  Required<Pick<ContainerConfig, 'healthLogDestination' | 'healthMaxLogCount' | 'healthMaxLogSize'>>;

export function buildHealth(input: BuildInput): Health {
  const { options } = input;
  if (options.noHealthcheck && options.healthCmd) badArgument('cannot specify both --no-healthcheck and --health-cmd');
  if (options.noHealthcheck && options.healthStartupCmd) {
    badArgument('cannot specify both --no-healthcheck and --health-startup-cmd');
  }
  const onFailure = failureAction(options.healthOnFailure);
  const check = options.noHealthcheck ? { Test: ['NONE'] } : (ownCheck(input) ?? imageCheck(input));
  if (!check && onFailure !== 'none')
    badArgument(`cannot set on-failure action to ${onFailure} without a health check`);
  if (options.sdnotify === 'healthy' && (!check || options.noHealthcheck)) {
    badArgument('invalid argument: sdnotify policy "healthy" requires a healthcheck to be set');
  }
  const startup = startupCheck(input);
  return {
    healthcheck: check && { ...check, ...(onFailure !== 'none' && { onFailure }) },
    ...(startup && { startupHealthcheck: startup }),
    healthLogDestination: options.healthLogDestination,
    healthMaxLogCount: options.healthMaxLogCount,
    healthMaxLogSize: options.healthMaxLogSize,
  };
}

type FailureAction = NonNullable<HealthcheckSettings['onFailure']>;

export function failureAction(text: string): FailureAction {
  const actions: FailureAction[] = ['none', 'kill', 'restart', 'stop'];
  const found = actions.find((action) => action === (text || 'none'));
  const words = `invalid on-failure action ${JSON.stringify(text)} for health check: supported actions are`;
  return found ?? badArgument(`${words} ${['none', 'kill', 'restart', 'stop'].join(',')}`);
}

function ownCheck({ options }: BuildInput): HealthConfig | null {
  if (!options.healthCmd) return null;
  if (options.healthRetries < 1) badArgument('healthcheck-retries must be greater than 0');
  return {
    Test: testCommand(options.healthCmd),
    ...times(options.healthInterval, options.healthTimeout, options.healthStartPeriod),
    Retries: options.healthRetries,
  };
}

/** The image's check; explicit flags replace its numbers. */
function imageCheck({ image, options }: BuildInput): HealthConfig | null {
  const check = image?.config.config?.Healthcheck;
  if (!check?.Test?.length) return null;
  const given = (flag: string) => options.given.has(flag);
  return {
    ...check,
    Interval: given('health-interval') ? interval(options.healthInterval) : check.Interval || 30e9,
    Timeout: given('health-timeout') ? timeout(options.healthTimeout) : check.Timeout || 30e9,
    StartPeriod: given('health-start-period') ? startPeriod(options.healthStartPeriod) : (check.StartPeriod ?? 0),
    Retries: given('health-retries') ? options.healthRetries : check.Retries || 3,
  };
}

function startupCheck({ options }: BuildInput): ContainerConfig['startupHealthcheck'] | null {
  if (!options.healthStartupCmd) return null;
  return {
    Test: testCommand(options.healthStartupCmd),
    ...times(options.healthStartupInterval, options.healthStartupTimeout, '0s'),
    Retries: options.healthStartupRetries ?? 0,
    Successes: options.healthStartupSuccess ?? 0,
  };
}

function times(
  every: string,
  limit: string,
  start: string,
): Pick<HealthConfig, 'Interval' | 'Timeout' | 'StartPeriod'> {
  return { Interval: interval(every), Timeout: timeout(limit), StartPeriod: startPeriod(start) };
}

export function interval(text: string): number {
  return text === 'disable' ? 0 : goDuration(text, 'invalid healthcheck-interval');
}

export function timeout(text: string): number {
  const value = goDuration(text, 'invalid healthcheck-timeout');
  return value >= 1 ? value : badArgument('healthcheck-timeout must be at least 1 second');
}

export function startPeriod(text: string): number {
  const value = goDuration(text, 'invalid healthcheck-start-period');
  return value >= 0 ? value : badArgument('healthcheck-start-period must be 0 seconds or greater');
}

/** A JSON array, or words of Docker's form (CMD …), or a line for the shell. */
export function testCommand(text: string): string[] {
  const array = parseArray(text);
  if (array?.length === 0) badArgument('must define a healthcheck command for all healthchecks');
  const words = array ?? text.split(' ');
  const first = words[0]?.toUpperCase();
  if (first === 'NONE') return ['NONE'];
  if (first === 'CMD') return array ?? text.split(/\s+/).filter(Boolean);
  if (first === 'CMD-SHELL') return array ?? ['CMD-SHELL', words.slice(1).join(' ')];
  return array && array.length > 1 ? ['CMD', ...array] : ['CMD-SHELL', array?.[0] ?? text];
}

function parseArray(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
  } catch {
    return null;
  }
}
