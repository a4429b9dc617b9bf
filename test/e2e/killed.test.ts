/** `kill -9` of the command line or of a monitor at any moment: the next command finds a clean engine. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { must } from '../helpers/exec.ts';
import { leftovers, until } from '../helpers/leftovers.ts';
import { binary, mirrorOf, mountsBelow, newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = newEngine({ registries: mirrorOf(inject('registry')) });
});
afterEach(() => engine.cleanup());

/** Starts a call and kills it after some milliseconds. */
async function killedAfter(milliseconds: number, args: string[]): Promise<void> {
  const child = spawn(binary, [...engine.globals, ...args], {
    env: { ...process.env, ...engine.env },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
  child.kill('SIGKILL');
  await ended;
}

test('a pull killed at any moment leaves no half image, and the next pull works', async () => {
  for (const moment of [20, 40, 60, 80, 100, 120, 150, 180, 220, 280]) {
    await killedAfter(moment, ['pull', '-q', 'nginx']);
    const images = await engine.ok('images', '-q');
    if (images !== '') await engine.ok('rmi', 'nginx');
  }
  await engine.ok('pull', '-q', 'nginx');
  expect(
    await engine.ok('run', '--rm', '--network', 'none', 'nginx', '-v').catch((error: Error) => error.message),
  ).not.toMatch(/125/);
  const layers = (await must('ls', [`${engine.root}/overlay`])).split('\n').filter((name) => name.length === 64);
  expect(layers).toHaveLength(2);
});

test('a run --rm killed at any moment is followed by a clean next command', async () => {
  await engine.ok('pull', '-q', 'busybox');
  for (const moment of [15, 30, 40, 50, 60, 70, 80, 90, 110, 140]) {
    await killedAfter(moment, ['run', '--rm', '--network', 'none', 'busybox', 'sleep', '0.05']);
    expect((await engine.tspod('ps', '-a')).exitCode).toBe(0);
  }
  expect(await engine.ok('run', '--rm', '--network', 'none', 'busybox', 'echo', 'fine')).toBe('fine');
  await engine.ok('rm', '--all', '--force', '--time', '0');
  await until('nothing is left', () => leftovers(engine.dir).length === 0);
});

test('a container whose monitor was killed is seen as exited and can be removed', async () => {
  await engine.ok('pull', '-q', 'busybox');
  await engine.ok('run', '-d', '--name', 'orphan', '--network', 'none', 'busybox', 'sleep', '1000');
  const [monitor = '', init = ''] = (
    await engine.ok('inspect', '--format', '{{.State.ConmonPid}} {{.State.Pid}}', 'orphan')
  ).split(' ');
  process.kill(Number(monitor), 'SIGKILL');
  process.kill(Number(init), 'SIGKILL');
  await until(
    'it is seen as exited',
    async () => (await engine.ok('inspect', '--format', '{{.State.Status}}', 'orphan')) === 'exited',
  );
  await engine.ok('start', 'orphan');
  expect(await engine.ok('inspect', '--format', '{{.State.Status}}', 'orphan')).toBe('running');
  await engine.ok('rm', '-f', '-t', '0', 'orphan');
  await until('nothing is left', () => leftovers(engine.dir).length === 0);
});

test('after a reboot running containers are exited and start again', async () => {
  await engine.ok('pull', '-q', 'busybox');
  await engine.ok('run', '-d', '--name', 'survivor', '--network', 'none', 'busybox', 'sleep', '1000');
  const [monitor = '', init = ''] = (
    await engine.ok('inspect', '--format', '{{.State.ConmonPid}} {{.State.Pid}}', 'survivor')
  ).split(' ');
  for (const pid of [monitor, init]) process.kill(Number(pid), 'SIGKILL');
  for (const target of mountsBelow(engine.dir)) await must('umount', ['-l', target]);
  rmSync(engine.runroot, { recursive: true, force: true });
  expect(await engine.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe('survivor exited');
  await engine.ok('start', 'survivor');
  expect(await engine.ok('ps', '--format', '{{.Names}} {{.State}}')).toBe('survivor running');
});
