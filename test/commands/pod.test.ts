/** Pods through the command line, with real infra containers, namespaces, cgroups and a bridge. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exec } from '../helpers/exec.ts';
import { leftovers, until } from '../helpers/leftovers.ts';
import { freePort } from '../helpers/registry.ts';
import { binary, newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

let engine: TestEngine;
let rootfs = '';
beforeAll(() => {
  engine = newEngine({ netns: true });
  rootfs = `${busyboxRoot(engine.dir)}:O`;
});
afterEach(async () => {
  await engine.tspod('pod', 'rm', '--all', '--force', '--time', '0');
  await engine.tspod('rm', '--all', '--force', '--time', '0');
  await until('nothing is left', () => leftovers(engine.runroot).length === 0);
});
afterAll(() => engine.cleanup());

const inPod = (verb: string, pod: string, flags: string[], ...command: string[]) =>
  engine.ok(verb, '--pod', pod, ...flags, '--rootfs', rootfs, ...command);
const runDetached = (pod: string, name: string, ...command: string[]) =>
  inPod('run', pod, ['-d', '--name', name], ...command);
const podField = (pod: string, template: string) => engine.ok('pod', 'inspect', '--format', template, pod);

async function failure(...args: string[]): Promise<[number, string]> {
  const { exitCode, stderr } = await engine.tspod(...args);
  return [exitCode, stderr.trim()];
}

describe('what containers of a pod share', () => {
  test('network, host name and /dev/shm, but not processes', async () => {
    await engine.ok('pod', 'create', '--name', 'shop', '--hostname', 'shop.test', '--add-host', 'db.test:10.1.2.3');
    await runDetached('shop', 'a', 'sh', '-c', 'echo shared > /dev/shm/note; while :; do echo hi | nc -l -p 99; done');
    const script = 'until nc 127.0.0.1 99 </dev/null; do :; done; cat /dev/shm/note; cat /etc/hosts; ps';
    const seen = await inPod('run', 'shop', ['--rm'], 'sh', '-c', `cat /proc/sys/kernel/hostname; ${script}`);
    const [hostname, greeting, note] = seen.split('\n');
    expect([hostname, greeting, note]).toEqual(['shop.test', 'hi', 'shared']);
    expect(seen).toMatch(/10\.1\.2\.3\s+db\.test/);
    expect(seen).toMatch(/\tshop\.test /);
    expect(seen).not.toContain('catatonit');
  });

  test('a pod without a hosts file leaves its containers that of their image', async () => {
    await engine.ok('pod', 'create', '--name', 'shop', '--no-hosts', '--dns', 'none');
    expect(await inPod('run', 'shop', ['--rm'], 'sh', '-c', 'cat /etc/hosts; echo $?')).toMatch(/1$/);
  });

  test('names of containers that run are in the hosts file of the pod', async () => {
    await engine.ok('pod', 'create', '--name', 'shop');
    await runDetached('shop', 'a', 'sleep', '1000');
    const seen = await inPod('run', 'shop', ['--rm', '--name', 'b'], 'cat', '/etc/hosts');
    expect(seen).toMatch(/^127\.0\.0\.1\ta\n127\.0\.0\.1\tb$/m);
    const names = (await engine.ok('exec', 'a', 'cat', '/etc/hosts')).split('\n').slice(-1);
    expect(names).toEqual(['127.0.0.1\ta']);
    expect((await engine.tspod('system', 'df')).exitCode).toBe(0);
  });

  test('with --share +pid the processes too', async () => {
    await engine.ok('pod', 'create', '--name', 'shop', '--share', '+pid');
    expect(await podField('shop', '{{.SharedNamespaces}}')).toBe('[ipc net pid uts]');
    expect(await inPod('run', 'shop', ['--rm'], 'ps')).toMatch(/^ +1 root +\/catatonit -P$/m);
  });

  test('without an infra container nothing but the commands', async () => {
    await engine.ok('pod', 'create', '--name', 'loose', '--infra=false');
    await runDetached('loose', 'a', 'sleep', '1000');
    expect(await podField('loose', '{{.NumContainers}} {{.CreateInfra}} {{.State}}')).toBe('1 false Running');
    await engine.ok('pod', 'stop', '-t', '0', 'loose');
    expect(await podField('loose', '{{.State}}')).toBe('Exited');
  });

  test('a published port of the pod reaches whoever listens in it, and is shown with each container', async () => {
    const port = await freePort();
    await inPod('run', 'new:web', ['-d', '--name', 'a', '-p', `127.0.0.1:${port}:80`], 'sleep', '1000');
    await runDetached('web', 'b', 'httpd', '-f', '-p', '80', '-h', '/www');
    const [file, args] = engine.inside('busybox', 'wget', '-q', '-O', '-', `http://127.0.0.1:${port}/`);
    await until('the page is there', async () => (await exec(file, args)).stdout === 'hello\n');
    expect(await engine.ok('ps', '--filter', 'name=^b$', '--format', '{{.Ports}}')).toBe(`127.0.0.1:${port}->80/tcp`);
    expect(await engine.ok('port', 'b')).toBe(`80/tcp -> 127.0.0.1:${port}`);
  });

  test('the limits of the pod count for all of them, and its cgroup goes with the last of them', async () => {
    await engine.ok('--cgroup-manager', 'cgroupfs', 'pod', 'create', '--name', 'small', '--memory', '64m');
    await engine.ok('--cgroup-manager', 'cgroupfs', 'pod', 'start', 'small');
    const path = await podField('small', '{{.CgroupPath}}');
    const files = [`/sys/fs/cgroup${path}/memory.max`, `/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`];
    const file = files.find(existsSync) ?? 'no cgroup';
    expect(readFileSync(file, 'latin1').trim()).toBe(String(64 << 20));
    await engine.ok('--cgroup-manager', 'cgroupfs', 'pod', 'stop', '-t', '0', 'small');
    expect(files.filter(existsSync)).toEqual([]);
  });
});

describe('the verbs', () => {
  test('a pod goes through created, running, paused, exited and back', async () => {
    const id = await engine.ok('pod', 'create', 'shop');
    await inPod('create', 'shop', ['--name', 'a'], 'sleep', '1000');
    const state = () => podField('shop', '{{.State}}');
    expect(await state()).toBe('Created');
    expect(await engine.ok('pod', 'start', 'shop')).toBe('shop');
    expect(await state()).toBe('Running');
    await engine.ok('pod', 'pause', 'shop');
    expect(await state()).toBe('Paused');
    await engine.ok('pod', 'unpause', 'shop');
    await engine.ok('pod', 'kill', 'shop');
    expect(await state()).toBe('Exited');
    await engine.ok('pod', 'restart', 'shop');
    expect(await state()).toBe('Running');
    expect(await engine.ok('pod', 'stop', '-t', '0', 'shop')).toBe('shop');
    expect(await state()).toBe('Exited');
    await engine.ok('pod', 'prune', '--force');
    expect(await engine.ok('pod', 'ps', '-q')).toBe('');
    expect(await engine.ok('ps', '-aq')).toBe('');
    const events = await engine.ok('events', '--stream=false', '--filter', `pod=${id}`, '--format', '{{.Status}}');
    expect(events.replaceAll('\n', ' ')).toBe('create start pause unpause kill stop start stop remove');
  });

  test('starting one container starts the infra container', async () => {
    await engine.ok('pod', 'create', 'shop');
    await inPod('create', 'shop', ['--name', 'a'], 'sleep', '1000');
    await engine.ok('start', 'a');
    expect(await podField('shop', '{{.State}}')).toBe('Running');
  });

  test('ps, pod ps, top, logs and stats tell about the pod', async () => {
    const id = await engine.ok('pod', 'create', '--name', 'shop', '--label', 'a=b');
    await runDetached('shop', 'a', 'sh', '-c', 'echo said; exec sleep 1000');
    await until('it is logged', async () => (await engine.ok('logs', 'a')) === 'said');
    const format = '{{.Names}} {{.Pod}} {{.PodName}}';
    expect((await engine.ok('ps', '--filter', 'pod=shop', '--format', format)).split('\n')).toEqual([
      `${id.slice(0, 12)}-infra ${id.slice(0, 12)} shop`,
      `a ${id.slice(0, 12)} shop`,
    ]);
    const row = '{{.ID}} {{.Name}} {{.Status}} {{.NumberOfContainers}} {{.Labels}}';
    expect(await engine.ok('pod', 'ps', '--format', row)).toBe(`${id.slice(0, 12)} shop Running 2 map[a:b]`);
    expect(await engine.ok('pod', 'ps', '--filter', 'ctr-names=^a$', '-q')).toBe(id);
    expect(await engine.ok('pod', 'ps', '--filter', 'status=exited', '-q')).toBe('');
    expect(await engine.ok('pod', 'top', 'shop')).toMatch(/^USER.*\n.*\/catatonit -P\n.*sleep 1000/);
    expect(await engine.ok('pod', 'logs', '--names', 'shop')).toBe('a said');
    const stats = JSON.parse(await engine.ok('pod', 'stats', '--no-stream', '--format', 'json', 'shop'));
    expect(stats.map(({ Name }: { Name: string }) => Name)).toEqual([`${id.slice(0, 12)}-infra`, 'a']);
    expect(await engine.ok('__complete', 'pod', 'stop', 's')).toMatch(/^shop\t/);
    expect(await engine.ok('__complete', 'run', '--pod', 's')).toMatch(/^shop\t/);
    const [inspected] = JSON.parse(await engine.ok('inspect', 'shop'));
    expect([inspected.Id, inspected.NumContainers]).toEqual([id, 2]);
  });

  test('init containers run to their end first, and one for once is gone then', async () => {
    await engine.ok('pod', 'create', 'shop');
    await inPod('create', 'shop', ['--init-ctr', 'once', '--name', 'first'], 'sh', '-c', 'echo x > /dev/shm/ready');
    await inPod('create', 'shop', ['--name', 'a'], 'cat', '/dev/shm/ready');
    await engine.ok('pod', 'start', 'shop');
    await engine.ok('wait', 'a');
    expect(await engine.ok('logs', 'a')).toBe('x');
    expect((await engine.tspod('container', 'exists', 'first')).exitCode).toBe(1);
  });

  test.each([
    ['continue', 'Degraded'],
    ['stop', 'Exited'],
  ])('with the exit policy %s a pod is %s after its last container', async (policy, expected) => {
    await engine.ok('pod', 'create', '--exit-policy', policy, 'shop');
    await inPod('run', 'shop', ['-d'], 'sleep', '0.1');
    await until('it has ended', async () => (await podField('shop', '{{.State}}')) === expected);
  });
});

describe('removing', () => {
  test('the infra container goes only with its pod', async () => {
    const infra = await podField(await engine.ok('pod', 'create', 'shop'), '{{.InfraContainerID}}');
    const member = await inPod('create', 'shop', [], 'true');
    for (const flags of [[], ['--force']]) {
      const [code, words] = await failure('rm', ...flags, infra);
      expect([code, words]).toEqual([125, expect.stringMatching(/and cannot be removed without removing the pod$/)]);
    }
    const removed = await engine.ok('rm', '--depend', infra);
    expect(removed.split('\n').sort()).toEqual([infra, member].sort());
    expect(await failure('pod', 'exists', 'shop')).toEqual([1, '']);
  });

  test('a pod in which a container runs stays as it is without --force', async () => {
    const id = await engine.ok('pod', 'create', 'shop');
    const idle = await inPod('create', 'shop', [], 'true');
    const busy = await runDetached('shop', 'a', 'sleep', '1000');
    const [code, words] = await failure('pod', 'rm', 'shop');
    expect([code, words]).toEqual([125, expect.stringContaining(`not all containers could be removed from pod ${id}`)]);
    expect(words).toContain(`cannot remove container ${busy} as it is running`);
    expect(await engine.ok('ps', '-aq', '--no-trunc')).toContain(idle);
  });

  test('pod rm -f forgives names that do not exist, pod rm does not', async () => {
    const id = await engine.ok('pod', 'create', 'shop');
    const missing = 'Error: no pod with name or ID nosuch found: no such pod';
    expect(await failure('pod', 'rm', 'nosuch', 'shop')).toEqual([1, missing]);
    expect(await engine.ok('pod', 'rm', '-f', 'nosuch', 'shop')).toBe(id);
  });

  test('killed at any moment, pod rm -f is finished by the next one', async () => {
    for (const delay of [60, 120, 200]) {
      await engine.ok('pod', 'create', 'shop');
      await runDetached('shop', 'a', 'sleep', '1000');
      const child = spawn(...engine.inside(binary, ...engine.globals, 'pod', 'rm', '-f', '-t', '0', 'shop'), {
        env: { ...process.env, ...engine.env },
      });
      setTimeout(() => child.kill('SIGKILL'), delay);
      await new Promise((resolve) => child.on('exit', resolve));
      expect((await engine.tspod('pod', 'rm', '-f', '-t', '0', 'shop')).stderr).toBe('');
      await until('nothing is left', () => leftovers(engine.runroot).length === 0);
      expect(await engine.ok('ps', '-aq')).toBe('');
    }
  });
});

describe('mistakes', () => {
  test.each([
    [['pod', 'create', '--share', 'bogus'], /invalid kernel namespace to share: bogus/],
    [['pod', 'create', '--exit-policy', 'x'], /invalid pod exit policy: "x"$/],
    [['pod', 'create', '--infra=false', '-p', '80'], /you must have an infra container to publish port bindings/],
    [['pod', 'create', '--network', 'nosuch'], /unable to find network with name or ID nosuch: network not found$/],
    [['pod', 'create', '--cgroup-parent', '/../../x'], /invalid cgroup parent/],
    [['pod', 'create', '-x'], /unknown shorthand flag/],
    [['pod', 'create', '--name', '../x'], /names must match/],
    [['pod', 'start'], /you must provide at least one name or id$/],
    [['pod', 'inspect', 'nosuch'], /no such pod nosuch$/],
    [['run', '--pod', 'nosuch', '--rootfs', '/'], /no pod with name or ID nosuch found: no such pod$/],
    [['run', '--pid', 'pod', '--rootfs', '/'], /cannot use pod namespace as container is not joining a pod/],
  ])('%j', async (args, words) => {
    expect(await failure(...args)).toEqual([125, expect.stringMatching(words)]);
    expect(await engine.ok('pod', 'ps', '-q')).toBe('');
  });

  test('what the pod decides cannot be asked for by one of its containers', async () => {
    await engine.ok('pod', 'create', 'shop');
    const refused = (...flags: string[]) => failure('create', '--pod', 'shop', ...flags, '--rootfs', rootfs, 'true');
    expect((await refused('-p', '80'))[1]).toMatch(/network cannot be configured when it is shared with a pod$/);
    expect((await refused('--hostname', 'x'))[1]).toMatch(/cannot set hostname when joining the pod UTS namespace/);
    expect((await refused('--restart', 'x'))[0]).toBe(125);
    expect(await podField('shop', '{{.NumContainers}}')).toBe('1');
  });

  test('a pod made for a container that cannot be made is gone again', async () => {
    const [code] = await failure(
      'run',
      '--pod',
      'new:shop',
      '--user',
      '0',
      '--workdir',
      'x',
      '--rootfs',
      rootfs,
      'true',
    );
    expect([code, await engine.ok('pod', 'ps', '-q')]).toEqual([125, '']);
  });

  test('a container whose pod cannot start is not left behind with --rm, and stays created without', async () => {
    const port = await freePort();
    await engine.ok('pod', 'create', '-p', `127.0.0.1:${port}:80`, 'one');
    await engine.ok('pod', 'start', 'one');
    await engine.ok('pod', 'create', '-p', `127.0.0.1:${port}:80`, 'two');
    const run = (...flags: string[]) => failure('run', '--pod', 'two', ...flags, '--rootfs', rootfs, 'true');
    for (const flags of [['--rm'], []]) expect((await run(...flags))[1]).toMatch(/address already in use/);
    expect(await podField('two', '{{.State}} {{.NumContainers}}')).toBe('Created 2');
  });

  test('two pods of one name at once: exactly one is made', async () => {
    const results = await Promise.all([1, 2, 3].map(() => engine.tspod('pod', 'create', '--name', 'shop')));
    expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 125, 125]);
    expect((await engine.ok('pod', 'ps', '-q')).split('\n')).toHaveLength(1);
    expect((await engine.ok('ps', '-aq')).split('\n')).toHaveLength(1);
  });

  test('--pod-id-file names the pod for create, run and rm', async () => {
    const file = join(engine.dir, 'pod.id');
    const id = await engine.ok('pod', 'create', '--pod-id-file', file);
    expect(readFileSync(file, 'utf8')).toBe(id);
    await engine.ok('create', '--pod-id-file', file, '--name', 'a', '--rootfs', rootfs, 'true');
    expect(await engine.ok('inspect', '--format', '{{.Pod}}', 'a')).toBe(id);
    await engine.ok('pod', 'rm', '--pod-id-file', file);
    expect(existsSync(file)).toBe(false);
  });

  test('a restart policy of the pod counts for containers that name none', async () => {
    await engine.ok('pod', 'create', '--restart', 'on-failure', 'shop');
    await inPod('create', 'shop', ['--name', 'a'], 'true');
    await inPod('create', 'shop', ['--name', 'b', '--restart', 'always'], 'true');
    const policy = (name: string) => engine.ok('inspect', '--format', '{{.HostConfig.RestartPolicy.Name}}', name);
    expect([await policy('a'), await policy('b')]).toEqual(['on-failure', 'always']);
  });
});
