import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBusyboxRootfs } from '../fixtures/rootfs.ts';
import { leftovers, until } from '../helpers/leftovers.ts';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
let id = '';

beforeAll(async () => {
  engine = newEngine();
  const rootfs = join(engine.dir, 'busybox');
  mkdirSync(rootfs);
  await makeBusyboxRootfs(rootfs);
  id = await engine.ok('run', '-d', '--name', 'c', '--network', 'none', '--rootfs', `${rootfs}:O`, 'sleep', '1000');
});
afterAll(async () => {
  await engine.ok('rm', '-f', '-t', '0', 'c');
  await until('nothing is left', () => leftovers(engine.runroot).length === 0);
  await engine.cleanup();
});

/** Folders of exec sessions that are on the disk. */
function sessions(): string[] {
  return readdirSync(join(engine.root, 'overlay-containers', id, 'userdata')).filter((name) => name.length === 64);
}

test('streams, exit code and standard input are those of the command', async () => {
  expect(await engine.tspod('exec', 'c', 'sh', '-c', 'echo out; echo err >&2; exit 7')).toEqual({
    stdout: 'out\n',
    stderr: 'err\n',
    exitCode: 7,
  });
  expect((await engine.run(['exec', '-i', 'c', 'cat'], { input: 'typed' })).stdout).toBe('typed');
});

test('a megabyte goes in and comes out whole', async () => {
  const input = '0123456789abcdef'.repeat(65536);
  expect((await engine.run(['exec', '-i', 'c', 'cat'], { input })).stdout).toBe(input);
});

test('a command that is not there is 127, one that is no program 126, none at all 125', async () => {
  const missing = await engine.tspod('exec', 'c', 'nosuch');
  expect(missing.exitCode).toBe(127);
  expect(missing.stderr).toMatch(/executable file .*nosuch.* not found in \$PATH/);
  expect((await engine.tspod('exec', 'c', '/etc')).exitCode).toBe(126);
  expect(await engine.tspod('exec', 'c')).toEqual({
    stdout: '',
    stderr: 'Error: must provide a non-empty command to start an exec session: invalid argument\n',
    exitCode: 125,
  });
  expect((await engine.tspod('exec', '-d', 'c', 'nosuch')).exitCode).toBe(125);
  expect(sessions()).toEqual([]);
  expect(await engine.ok('inspect', '--format', '{{len .ExecIDs}}', 'c')).toBe('0');
});

test('a detached session is listed while it runs and forgotten when it ended', async () => {
  const session = await engine.ok('exec', '-d', 'c', 'sleep', '1');
  expect(await engine.ok('inspect', '--format', '{{.ExecIDs}}', 'c')).toBe(`[${session}]`);
  await until('it is forgotten', () => sessions().length === 0);
});

test('a terminal has TERM and can be resized before the command starts', async () => {
  expect((await engine.tspod('exec', '-t', 'c', 'sh', '-c', 'echo -n $TERM')).stdout).toBe('xterm');
  expect((await engine.tspod('exec', '-t', '-e', 'TERM=vt100', 'c', 'sh', '-c', 'echo -n $TERM')).stdout).toBe('vt100');
  expect((await engine.tspod('exec', 'c', 'sh', '-c', 'echo -n $TERM')).stdout).toBe('');
});

test('an unknown user is refused', async () => {
  const { stderr, exitCode } = await engine.tspod('exec', '-u', 'nobodyhere', 'c', 'true');
  expect({ stderr, exitCode }).toEqual({
    stderr: 'Error: unable to find user nobodyhere: no matching entries in passwd file\n',
    exitCode: 125,
  });
});

test('without --privileged an exec holds what the container does, with it everything', async () => {
  const caps = 'grep CapEff /proc/self/status';
  const own = await engine.ok('exec', 'c', 'sh', '-c', caps.replace('self', '1'));
  expect(await engine.ok('exec', 'c', 'sh', '-c', caps)).toBe(own);
  expect(await engine.ok('exec', '--privileged', 'c', 'sh', '-c', caps)).not.toBe(own);
  expect(await engine.ok('exec', '-u', '33', 'c', 'sh', '-c', caps)).toMatch(/CapEff:\s0000000000000000/);
});

test('a container that does not run takes no exec', async () => {
  await engine.ok('stop', '-t', '0', 'c');
  expect((await engine.tspod('exec', 'c', 'true')).stderr).toBe(
    'Error: can only create exec sessions on running containers: container state improper\n',
  );
  await engine.ok('start', 'c');
});
