import { expect, test } from 'vitest';
import type { Container, ContainerConfig, ContainerState } from '../../src/runtime/container.ts';
import { initialState } from '../../src/runtime/container-state.ts';
import type { RuntimeContext } from '../../src/runtime/context.ts';
import { containerFilter, pruneFilter } from '../../src/runtime/filters.ts';
import { parseDuration, untilTime } from '../../src/runtime/until.ts';

const rt = {} as RuntimeContext;

function container(config: Partial<ContainerConfig>, state: Partial<ContainerState> = {}): Container {
  const base = {
    id: 'f00d'.padEnd(64, '0'),
    name: 'web-1',
    created: '2026-01-01T00:00:00.000000000Z',
    imageId: 'beef'.padEnd(64, '0'),
    imageName: 'docker.io/library/nginx:latest',
    labels: { app: 'shop', 'com.example.tier': 'front' },
    networks: { podman: {} },
    network: { mode: 'bridge' },
    mounts: [{ type: 'bind', source: '/srv', destination: '/data', options: [] }],
    volumes: [{ name: 'vol', destination: '/cache', options: [], anonymous: false }],
    restart: { name: 'always', maximumRetryCount: 0 },
    pod: '',
    entrypoint: [],
    command: ['sleep', '1'],
  };
  return { config: { ...base, ...config } as ContainerConfig, state: { ...initialState(), ...state } };
}

test.each([
  [['id=f00d'], true],
  [['id=00d'], false],
  [['name=web'], true],
  [['name=/web-1'], true],
  [['name=^db'], false],
  [['label=app'], true],
  [['label=app=shop'], true],
  [['label=app=other'], false],
  [['label=com.example.*'], true],
  [['label=app', 'label=missing'], false],
  [['label!=app'], false],
  [['label!=missing'], true],
  [['status=exited'], false],
  [['status=created'], true],
  [['status=stopped', 'status=created'], true],
  [['ancestor=nginx'], true],
  [['ancestor=beef'], true],
  [['ancestor=httpd'], false],
  [['volume=/data'], true],
  [['volume=/srv:/data'], true],
  [['volume=vol'], true],
  [['volume=/srv'], false],
  [['network=podman'], true],
  [['network=other'], false],
  [['restart-policy=always'], true],
  [['restart-policy=no', 'restart-policy=on-failure'], false],
  [['command=sle'], true],
  [['should-start-on-boot=true'], true],
  [['name=web', 'status=running'], false],
  [['until=1h'], true],
])('%j chooses the container: %s', (filters, expected) => {
  expect(containerFilter(rt, filters)(container({}))).toBe(expected);
});

test('exit codes are those of containers that ended', () => {
  const fits = containerFilter(rt, ['exited=3', 'exited=4']);
  expect(fits(container({}, { status: 'exited', exitCode: 4 }))).toBe(true);
  expect(fits(container({}, { status: 'running', exitCode: 4 }))).toBe(false);
});

test.each([
  [['nosuch=1'], 'nosuch is an invalid filter'],
  [['name'], 'invalid filter "name"'],
  [['status=bogus'], 'unknown container state: bogus: invalid argument'],
  [['restart-policy=fakepolicy'], 'fakepolicy invalid restart policy'],
  [['restart-policy=a', 'restart-policy=b'], 'a, b invalid restart policies'],
  [['until=x'], 'parsing time "x"'],
])('%j is refused', (filters, message) => {
  expect(() => containerFilter(rt, filters)).toThrow(message);
});

test('prune knows labels and until only', () => {
  expect(pruneFilter(rt, ['label=app'])(container({}))).toBe(true);
  expect(() => pruneFilter(rt, ['name=x'])).toThrow('name is an invalid filter');
});

test('until takes durations, seconds and dates', () => {
  expect(untilTime(['90s'], 100_000)).toBe(10_000);
  expect(untilTime(['12.5'])).toBe(12_500);
  expect(untilTime(['2026-01-01T00:00:00Z'])).toBe(Date.UTC(2026, 0, 1));
  expect([parseDuration('1h30m'), parseDuration('250ms'), parseDuration('x')]).toEqual([5_400_000, 250, null]);
});
