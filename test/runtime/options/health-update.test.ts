import { expect, test } from 'vitest';
import type { ContainerConfig } from '../../../src/runtime/container.ts';
import { type HealthFlags, updateHealth } from '../../../src/runtime/options/health-update.ts';

const defaults: HealthFlags = {
  given: new Set(),
  noHealthcheck: false,
  healthCmd: undefined,
  healthInterval: '30s',
  healthLogDestination: 'local',
  healthMaxLogCount: 5,
  healthMaxLogSize: 500,
  healthOnFailure: 'none',
  healthRetries: 3,
  healthStartPeriod: '0s',
  healthStartupCmd: undefined,
  healthStartupInterval: '30s',
  healthStartupRetries: undefined,
  healthStartupSuccess: undefined,
  healthStartupTimeout: '30s',
  healthTimeout: '30s',
};

function update(before: Partial<ContainerConfig>, flags: Partial<HealthFlags>, ...given: string[]): ContainerConfig {
  const config = { healthcheck: null, ...before } as ContainerConfig;
  return updateHealth(config, { ...defaults, ...flags, given: new Set(given) });
}

test('one setting changes, the others stay', () => {
  const healthcheck = { Test: ['CMD', 'true'], Interval: 5e9, Retries: 7, onFailure: 'kill' } as const;
  const before = { healthcheck: { ...healthcheck, Test: ['CMD', 'true'] } };
  expect(update(before, { healthInterval: '10s' }, 'health-interval').healthcheck).toEqual({
    ...before.healthcheck,
    Interval: 10e9,
  });
});

test('a new check has the usual times', () => {
  expect(update({}, { healthCmd: 'echo hi' }, 'health-cmd').healthcheck).toEqual({
    Test: ['CMD-SHELL', 'echo hi'],
    Interval: 30e9,
    Timeout: 30e9,
    StartPeriod: 0,
    Retries: 3,
  });
});

test.each(['health-interval', 'health-retries', 'health-startup-interval', 'health-startup-success'])(
  '--%s without a check to change is refused',
  (flag) => {
    expect(() => update({}, {}, flag)).toThrow('healthcheck command is not set');
  },
);

test('--no-healthcheck ends both checks', () => {
  const before = { healthcheck: { Test: ['CMD', 'true'] }, startupHealthcheck: { Test: ['CMD', 'true'] } };
  const after = update(before, { noHealthcheck: true }, 'no-healthcheck');
  expect(after.healthcheck).toEqual({ Test: ['NONE'] });
  expect(after.startupHealthcheck).toBeUndefined();
});
