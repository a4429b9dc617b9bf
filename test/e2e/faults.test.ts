/** What goes wrong on the command line and around it: one clear line, the right status, nothing lost. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { leftovers, until } from '../helpers/leftovers.ts';
import { freePort } from '../helpers/registry.ts';
import { mirrorOf, newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = newEngine({ registries: mirrorOf(inject('registry')) });
  await engine.pull('busybox');
});
afterAll(() => engine.cleanup());

const none = ['--network', 'none'];

test.each([
  { args: ['run', '--rm', ...none, 'busybox', 'no-such-program'], status: 127, says: /not found/ },
  { args: ['run', '--rm', ...none, 'busybox', '/etc/passwd'], status: 126, says: /permission denied/i },
  { args: ['run', '--rm', ...none, 'busybox', 'sh', '-c', 'exit 42'], status: 42, says: /^$/ },
  {
    args: ['run', '--rm', ...none, 'busybox', 'sh', '-c', "sh -c 'kill -9 $$'; exit $?"],
    status: 137,
    says: /^Killed$/m,
  },
  { args: ['run', '--no-such-flag', 'busybox'], status: 125, says: /^Error: unknown flag: --no-such-flag\n/ },
  { args: ['rnu', 'busybox'], status: 125, says: /unrecognized command.*rnu[\s\S]*run/ },
  { args: ['run'], status: 125, says: /requires at least 1 arg/ },
  { args: ['run', '-v', '/no/such/folder:/x', 'busybox'], status: 125, says: /no such file or directory/ },
  { args: ['run', '--memory', 'lots', 'busybox'], status: 125, says: /memory/ },
  { args: ['start', 'nobody'], status: 125, says: /no container with name or ID "nobody" found: no such container/ },
  { args: ['rm', 'nobody'], status: 1, says: /no container with ID or name "nobody" found: no such container/ },
  { args: ['rmi', 'nobody'], status: 1, says: /nobody: image not known/ },
  { args: ['inspect', 'nobody'], status: 125, says: /no such object: "nobody"/ },
  { args: ['--root', '/dev/null/store', 'ps'], status: 125, says: /\/dev\/null/ },
])('$args.0 $args.1 $args.2 $args.3 $args.4 ends with $status', async ({ args, status, says }) => {
  const result = await engine.tspod(...args);
  expect(result.stderr).toMatch(says);
  expect(result.exitCode).toBe(status);
  expect(result.stderr).not.toMatch(/\n {4}at /);
});

test('an image that no registry has is one line with the reason', async () => {
  const result = await engine.tspod('run', '--rm', 'docker.io/library/no-such-image');
  expect(result.exitCode).toBe(125);
  expect(result.stderr).toMatch(/Error: .*no-such-image/);
});

test('a name is given once, also when two calls want it at the same moment', async () => {
  const call = () => engine.tspod('create', '--name', 'twin', 'busybox', 'true');
  const results = await Promise.all([call(), call(), call()]);
  expect(results.map((result) => result.exitCode).sort()).toEqual([0, 125, 125]);
  for (const result of results.filter((entry) => entry.exitCode !== 0))
    expect(result.stderr).toMatch(/the container name "twin" is already in use/);
  await engine.ok('rm', 'twin');
});

test('a port that is taken is refused, and the container is not left half made', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '0.0.0.0');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const result = await engine.tspod('run', '--rm', '-p', `${port}:80`, 'busybox', 'true');
    expect(result.exitCode).toBe(126);
    expect(result.stderr).toMatch(/address already in use/);
  } finally {
    server.close();
  }
  expect(await engine.ok('ps', '-aq')).toBe('');
});

test('20 runs at once all end with their own status and leave nothing', async () => {
  const runs = Array.from({ length: 20 }, (_, index) =>
    engine.tspod('run', '--rm', ...none, 'busybox', 'sh', '-c', `echo ${index}; exit ${index}`),
  );
  const results = await Promise.all(runs);
  expect(results.map((result) => result.exitCode)).toEqual(results.map((_, index) => index));
  expect(results.map((result) => result.stdout)).toEqual(results.map((_, index) => `${index}\n`));
  expect(await engine.ok('ps', '-aq')).toBe('');
  await until('nothing is left', () => leftovers(engine.dir).length === 0);
});
