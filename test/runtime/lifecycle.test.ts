/** Containers from create to remove, through the command line, with real monitors and runtimes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeBusyboxRootfs } from '../fixtures/rootfs.ts';
import { leftovers, until } from '../helpers/leftovers.ts';
import { binary, newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
let rootfs = '';

beforeAll(async () => {
  engine = newEngine();
  rootfs = join(engine.dir, 'busybox');
  mkdirSync(rootfs);
  await makeBusyboxRootfs(rootfs);
});
afterEach(async () => {
  await engine.tspod('rm', '--all', '--force', '--time', '0');
  await until('nothing is left', () => leftovers(engine.runroot).length === 0);
});
afterAll(() => engine.cleanup());

/** `run -d` with flags; returns the id. */
function runDetached(flags: string[], ...command: string[]): Promise<string> {
  return engine.ok('run', '-d', '--network', 'none', ...flags, '--rootfs', `${rootfs}:O`, ...command);
}

function create(flags: string[], ...command: string[]): Promise<string> {
  return engine.ok('create', '--network', 'none', ...flags, '--rootfs', `${rootfs}:O`, ...command);
}

function inspect(name: string, template: string): Promise<string> {
  return engine.ok('inspect', '--type', 'container', '--format', template, name);
}

test('a container goes through created, running, exited, and can be started again', async () => {
  const id = await create(['--name', 'c'], 'sleep', '1000');
  expect(await inspect('c', '{{.State.Status}} {{.State.Pid}}')).toBe('created 0');
  expect(await engine.ok('start', 'c')).toBe('c');
  const pid = Number(await inspect('c', '{{.State.Pid}}'));
  // The runtime only lets it go: the process itself takes the step.
  await until('the process runs', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('sleep'));
  expect(await engine.ok('stop', '-t', '0', 'c')).toBe('c');
  expect(await inspect('c', '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}')).toBe('exited 137 0');
  expect(existsSync(`/proc/${pid}`)).toBe(false);
  await engine.ok('start', id.slice(0, 12));
  expect(await inspect('c', '{{.State.Running}}')).toBe('true');
});

test('stop sends the stop signal, and SIGKILL when that does not help', async () => {
  await runDetached(['--name', 'gentle'], 'sh', '-c', 'trap "exit 7" TERM; while :; do sleep 0.05; done');
  await sleep(300);
  expect((await engine.tspod('stop', 'gentle')).stderr).toBe('');
  expect(await inspect('gentle', '{{.State.ExitCode}} {{.State.StoppedByUser}}')).toBe('7 true');
  await runDetached(['--name', 'deaf'], 'sleep', '1000');
  const { stdout, stderr } = await engine.tspod('stop', '-t', '1', 'deaf');
  expect(stdout).toBe('deaf\n');
  expect(stderr).toMatch(/level=warning msg="StopSignal SIGTERM failed to stop container deaf in 1 seconds, resorting/);
});

test('a running container is removed only by force', async () => {
  const id = await runDetached(['--name', 'busy'], 'sleep', '1000');
  expect(await engine.tspod('rm', 'busy')).toEqual({
    stdout: '',
    stderr: `Error: cannot remove container ${id} as it is running - running or paused containers cannot be removed without force: container state improper\n`,
    exitCode: 2,
  });
  expect(await engine.ok('rm', '-f', '-t', '0', 'busy')).toBe('busy');
  expect((await engine.tspod('container', 'exists', 'busy')).exitCode).toBe(1);
});

test('what does not exist is told in the words and with the status of Podman', async () => {
  const words = 'no container with name or ID "nosuch" found: no such container';
  for (const command of ['start', 'stop', 'kill', 'pause', 'unpause', 'wait', 'restart', 'init']) {
    expect(await engine.tspod(command, 'nosuch')).toEqual({ stdout: '', stderr: `Error: ${words}\n`, exitCode: 125 });
  }
  const rm = await engine.tspod('rm', 'nosuch');
  expect(rm).toEqual({
    stdout: '',
    stderr: `Error: no container with ID or name "nosuch" found: no such container\n`,
    exitCode: 1,
  });
  expect(await engine.tspod('rm', '-f', 'nosuch')).toEqual({ stdout: '', stderr: '', exitCode: 0 });
  expect(await engine.tspod('inspect', 'nosuch')).toEqual({
    stdout: '[]\n',
    stderr: 'Error: no such object: "nosuch"\n',
    exitCode: 125,
  });
});

test('kill sends any signal, and pause stops the processes until unpause', async () => {
  const id = await runDetached(['--name', 'k'], 'sh', '-c', 'trap "exit 42" USR1; while :; do sleep 0.05; done');
  await sleep(300);
  await engine.ok('pause', 'k');
  expect(await inspect('k', '{{.State.Status}}')).toBe('paused');
  expect((await engine.tspod('pause', 'k')).stderr).toBe(
    `Error: "${id}" is already paused: container state improper\n`,
  );
  await engine.ok('unpause', 'k');
  await engine.ok('kill', '-s', 'USR1', 'k');
  expect(await engine.ok('wait', 'k')).toBe('42');
  expect((await engine.tspod('kill', 'k')).stderr).toBe(
    `Error: can only kill running containers. ${id} is in state exited: container state improper\n`,
  );
});

test('a paused container can be killed and removed', async () => {
  await runDetached(['--name', 'frozen'], 'sleep', '1000');
  await engine.ok('pause', 'frozen');
  await engine.ok('kill', 'frozen');
  expect(await inspect('frozen', '{{.State.ExitCode}}')).toBe('137');
  await engine.ok('start', 'frozen');
  await engine.ok('pause', 'frozen');
  await engine.ok('rm', '-f', '-t', '0', 'frozen');
});

test('restart policies: on-failure gives up after so many tries, stop ends always', async () => {
  await runDetached(['--name', 'failing', '--restart', 'on-failure:2'], 'false');
  await until(
    'it gave up',
    async () => (await inspect('failing', '{{.RestartCount}} {{.State.Status}}')) === '2 exited',
  );
  await runDetached(['--name', 'eternal', '--restart', 'always'], 'sleep', '0.2');
  await until('it came again', async () => Number(await inspect('eternal', '{{.RestartCount}}')) >= 2);
  await engine.ok('stop', '-t', '0', 'eternal');
  await sleep(600);
  expect(await inspect('eternal', '{{.State.Status}}')).toBe('exited');
});

test('wait returns the exit code of a container that removes itself', async () => {
  const id = await runDetached(['--rm'], 'sh', '-c', 'sleep 0.7; exit 9');
  const codes = await Promise.all([engine.ok('wait', id), engine.ok('wait', id), engine.ok('wait', id)]);
  expect(codes).toEqual(['9', '9', '9']);
  await until('it removed itself', async () => (await engine.tspod('container', 'exists', id)).exitCode === 1);
});

test('start --attach shows everything and takes over the exit code', async () => {
  await create(['--name', 'talks'], 'sh', '-c', 'echo out; echo err >&2; exit 3');
  expect(await engine.tspod('start', '--attach', 'talks')).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 3 });
});

test('the output of a command that ends at once is never lost', async () => {
  await create(['--name', 'quick'], 'echo', 'here');
  for (let round = 0; round < 8; round++) expect((await engine.tspod('start', '-a', 'quick')).stdout).toBe('here\n');
});

test('a command that is not there leaves a container that can be removed', async () => {
  await create(['--name', 'broken'], '/no/such/command');
  const { stderr, exitCode } = await engine.tspod('start', 'broken');
  expect(exitCode).toBe(125);
  expect(stderr).toMatch(/^Error: unable to start container "[0-9a-f]{64}": .*no such file or directory/i);
  expect(await inspect('broken', '{{.State.Status}}')).toBe('created');
  await engine.ok('rm', 'broken');
});

test('dependants are removed first, and only when asked', async () => {
  const base = await create(['--name', 'base'], 'sleep', '1000');
  const user = await engine.ok('create', '--net', 'container:base', '--rootfs', `${rootfs}:O`, 'true');
  const refused = await engine.tspod('rm', 'base');
  expect(refused.stderr).toMatch(`container ${base} has dependent containers which must be removed before it: ${user}`);
  expect((await engine.ok('rm', '--depend', 'base')).split('\n').sort()).toEqual([user, 'base'].sort());
});

test('rename moves the name, and refuses one that is taken or bad', async () => {
  await create(['--name', 'old'], 'true');
  await create(['--name', 'other'], 'true');
  await engine.ok('rename', 'old', 'new');
  expect((await engine.tspod('container', 'exists', 'old')).exitCode).toBe(1);
  expect((await engine.tspod('rename', 'new', 'other')).stderr).toMatch(/the container name "other" is already in use/);
  expect((await engine.tspod('rename', 'new', '-x/')).exitCode).toBe(125);
});

test('--cidfile of stop, rm and kill names a container; a missing one is an error unless --ignore', async () => {
  const file = join(engine.dir, 'cid');
  await runDetached(['--cidfile', file], 'sleep', '1000');
  await engine.ok('kill', '--cidfile', file);
  await engine.ok('rm', '--cidfile', file);
  expect(existsSync(file)).toBe(false);
  expect(await engine.tspod('stop', '--cidfile', file)).toEqual({
    stdout: '',
    stderr: `Error: reading CIDFile: open ${file}: no such file or directory\n`,
    exitCode: 125,
  });
  expect((await engine.tspod('stop', '--ignore', '--cidfile', file)).exitCode).toBe(0);
});

test('prune removes what does not run and fits', async () => {
  const idle = await create(['--label', 'x=1'], 'true');
  const other = await create([], 'true');
  const busy = await runDetached(['--label', 'x=1'], 'sleep', '1000');
  expect(await engine.ok('container', 'prune', '-f', '--filter', 'label=x')).toBe(idle);
  const left = (await engine.ok('ps', '-a', '-q', '--no-trunc')).split('\n');
  expect(left.sort()).toEqual([other, busy].sort());
});

test('init makes everything but does not start', async () => {
  await create(['--name', 'i'], 'sleep', '1000');
  await engine.ok('init', 'i');
  expect(await inspect('i', '{{.State.Status}}')).toBe('initialized');
  const pid = Number(await inspect('i', '{{.State.Pid}}'));
  expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toContain('sleep');
  await engine.ok('start', 'i');
  // The runtime only lets it go: the process itself takes the step.
  await until('the process runs', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('sleep'));
});

test('twelve containers at once all give their own output and exit code', async () => {
  const runs = Array.from({ length: 12 }, (_, index) =>
    engine.tspod(
      'run',
      '--rm',
      '--network',
      'none',
      '--rootfs',
      `${rootfs}:O`,
      'sh',
      '-c',
      `echo ${index}; exit ${index}`,
    ),
  );
  const results = await Promise.all(runs);
  expect(results).toEqual(results.map((_, index) => ({ stdout: `${index}\n`, stderr: '', exitCode: index })));
});

test('the state after a reboot: nothing runs, everything can be started again', async () => {
  const id = await runDetached(['--name', 'old', '--init=false'], 'sleep', '1000');
  const { DatabaseSync } = await import('node:sqlite');
  await engine.ok('stop', '-t', '0', 'old');
  // As it would be had the machine gone down while the container ran.
  const db = new DatabaseSync(join(engine.root, 'tspod/state.db'));
  const row = db.prepare('SELECT state FROM containers WHERE id = ?').get(id) as { state: string };
  const state = { ...JSON.parse(row.state), status: 'running', pid: 1, pidStartTime: 1, bootId: 'another boot' };
  db.prepare('UPDATE containers SET state = ? WHERE id = ?').run(JSON.stringify(state), id);
  db.close();
  expect(await engine.ok('ps', '-q')).toBe('');
  expect(await inspect('old', '{{.State.Status}} {{.State.Pid}}')).toBe('exited 0');
  await engine.ok('start', 'old');
});

test('a call killed with SIGKILL while its container runs hands the clean-up to the monitor', async () => {
  const args = ['run', '--rm', '--name', 'orphan', '--network', 'none', '--rootfs', `${rootfs}:O`, 'sleep', '1'];
  const child = spawn(binary, [...engine.globals, ...args], {
    env: { ...process.env, ...engine.env },
    stdio: 'ignore',
  });
  await until('it runs', async () => (await engine.tspod('ps', '-q', '--filter', 'name=orphan')).stdout !== '');
  child.kill('SIGKILL');
  await until(
    'the monitor removed it',
    async () => (await engine.tspod('container', 'exists', 'orphan')).exitCode === 1,
  );
});

test('when the monitor was killed stop says so, and the container has exited with -1', async () => {
  const id = await runDetached(['--name', 'lost'], 'sleep', '1000');
  process.kill(Number(await inspect('lost', '{{.State.ConmonPid}}')), 'SIGKILL');
  expect((await engine.tspod('stop', '-t', '0', 'lost')).stderr).toBe(
    `Error: container ${id} conmon exited prematurely, exit code could not be retrieved: conmon process killed\n`,
  );
  expect(await inspect('lost', '{{.State.Status}} {{.State.ExitCode}}')).toBe('exited -1');
});

test('a call killed at any moment of run leaves no container, mount or process for the next one', async () => {
  for (const milliseconds of [20, 35, 45, 55, 65, 75, 85, 95, 110, 130]) {
    const args = ['run', '--rm', '--network', 'none', '--rootfs', `${rootfs}:O`, 'sleep', '0.05'];
    const child = spawn(binary, [...engine.globals, ...args], {
      env: { ...process.env, ...engine.env },
      stdio: 'ignore',
    });
    await sleep(milliseconds);
    child.kill('SIGKILL');
  }
  await until('all are gone', async () => (await engine.ok('ps', '-a', '-q')) === '');
  const folder = join(engine.root, 'overlay-containers');
  const left = existsSync(folder) ? readdirSync(folder).filter((name) => name.length === 64) : [];
  expect(left).toEqual([]);
});

test('files from --env-file, -w and -u reach an exec', async () => {
  await runDetached(['--name', 'e', '-e', 'A=run'], 'sleep', '1000');
  const file = join(engine.dir, 'env');
  writeFileSync(file, '# comment\nB=file\n');
  const script = 'echo $A $B $C; pwd; id -u; id -g';
  const output = await engine.ok(
    'exec',
    '--env-file',
    file,
    '-e',
    'C=flag',
    '-w',
    '/tmp',
    '-u',
    '5:6',
    'e',
    'sh',
    '-c',
    script,
  );
  expect(output.split('\n')).toEqual(['run file flag', '/tmp', '5', '6']);
});
