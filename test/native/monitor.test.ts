import { closeSync, existsSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { holdLock } from '../../src/system/lock.ts';
import { makePipe, readToEnd } from '../../src/system/pipe.ts';
import { buildSanitized, collect, MonitorRun, openFile, until } from './monitor-harness.ts';

let run: MonitorRun;
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

test('the exit code is in both exit files, without a newline, and no temporary file stays', async () => {
  run.start('exit 3');
  expect((await run.report())?.data).toBeGreaterThan(1);
  await run.end();
  expect(run.exitFile()).toBe('3');
  expect(readFileSync(`${run.dir}/persist/exit`, 'utf8')).toBe('3');
  expect(readdirSync(`${run.dir}/exits`)).toEqual([run.id]);
  expect(statSync(`${run.dir}/exits/${run.id}`).mode & 0o777).toBe(0o644);
});

test('the starter ends with 0 at once and leaves the pid of the monitor behind', async () => {
  const starter = run.start('sleep 60');
  const status = await new Promise((resolve) => starter.on('exit', resolve));
  expect(status).toBe(0);
  await run.report();
  const stat =
    readFileSync(`/proc/${await run.pid()}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  expect(Number(stat[3]), 'it is the leader of its own session').toBe(await run.pid());
});

test('a container that a signal ended has 128 and the number of the signal', async () => {
  run.start('kill -9 $$');
  await run.end();
  expect(run.exitFile()).toBe('137');
});

test('a container that ends before the runtime does keeps its exit code', async () => {
  run.start('exit 42', { args: ['--runtime-opt', 'x'] });
  await run.end();
  expect(run.exitFile()).toBe('42');
});

test('SIGTERM to the monitor goes to the container', async () => {
  run.start('trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done');
  await run.report();
  await until(() => existsSync(run.log) && run.records().length > 0);
  process.kill(await run.pid(), 'SIGTERM');
  await run.end();
  expect(run.exitFile()).toBe('9');
});

test('a runtime that fails is reported with its words, and the exit command still runs', async () => {
  const args = [
    '--exit-command',
    '/bin/sh',
    '--exit-command-arg',
    '-c',
    '--exit-command-arg',
    `echo x > ${run.dir}/ran`,
  ];
  run.start('true', { env: { FAIL: 'no "good"\tday\\' }, args });
  expect(await run.report()).toEqual({ data: -1, message: 'no "good"\tday\\\n' });
  await run.gone();
  expect(run.exitFile()).toBeNull();
  expect(existsSync(`${run.dir}/ran`)).toBe(true);
  expect(existsSync(`${run.bundle}/attach`)).toBe(false);
});

test('a runtime that writes no pid is a failure', async () => {
  run.start('true', { env: { NO_PID: '1' } });
  expect((await run.report())?.message).toContain('pidfile');
  await run.gone();
});

test('a runtime that connects, but never sends a terminal, is a failure and no hang', async () => {
  const silent = 'sleep 60 | socat - "UNIX-CONNECT:$console" &';
  run.start('sleep 60', { args: ['-t'], env: { BEFORE: silent } });
  expect((await run.report())?.message).toBe('Runtime did not set up terminal');
});

test('the exit command runs after the exit file was written, with its arguments and without descriptors of ours', async () => {
  const script = `cat ${run.dir}/exits/${run.id} > ${run.dir}/seen; ls /proc/self/fd | wc -l >> ${run.dir}/seen; echo "$1" >> ${run.dir}/seen`;
  const words = ['-c', script, 'sh', 'a b'].flatMap((word) => ['--exit-command-arg', word]);
  run.start('exit 5', { args: ['--exit-command', '/bin/sh', ...words] });
  await run.end();
  await run.gone();
  // 0, 1, 2 and the folder that ls reads.
  expect(readFileSync(`${run.dir}/seen`, 'utf8')).toBe('54\na b\n');
});

test('the exit command is left out while somebody else holds its lock', async () => {
  const lock = await holdLock(`${run.dir}/lock`, 'exclusive');
  run.start('true', { args: lockedExitCommand() });
  await run.gone();
  lock.release();
  expect(existsSync(`${run.dir}/ran`)).toBe(false);
});

test('the exit command runs when nobody holds its lock', async () => {
  writeFileSync(`${run.dir}/lock`, '');
  run.start('true', { args: lockedExitCommand() });
  await run.gone();
  expect(existsSync(`${run.dir}/ran`)).toBe(true);
});

test('the exit command runs when the holder of its lock dies with the file still marked', async () => {
  writeFileSync(`${run.dir}/lock`, 'unfinished');
  const lock = await holdLock(`${run.dir}/lock`, 'exclusive');
  run.start('true', { args: lockedExitCommand() });
  await run.end();
  expect(existsSync(`${run.dir}/ran`)).toBe(false);
  lock.release();
  await run.gone();
  expect(existsSync(`${run.dir}/ran`)).toBe(true);
});

test('after --timeout the container is killed and -1 recorded', async () => {
  run.start('sleep 60', { args: ['--timeout', '1'] });
  await run.end();
  expect(run.exitFile()).toBe('-1');
});

test('a timed out exec session is reported with the words that callers compare', async () => {
  run.start('sleep 60', { exec: true, args: ['--timeout', '1'] });
  expect(await run.attachReport()).toBe('{"data": 0}');
  run.go();
  expect((await run.report())?.data).toBeGreaterThan(1);
  expect(await run.report()).toEqual({ data: -1, message: 'command timed out' });
});

test('an exec session waits for the second byte and reports pid and exit code', async () => {
  run.start('echo out; exit 4', { exec: true });
  expect(await run.attachReport()).toBe('{"data": 0}');
  const client = run.connect();
  const got = collect(client);
  expect(run.runtimeCalls()).toBe('');
  run.go();
  expect((await run.report())?.data).toBeGreaterThan(1);
  expect(await run.report()).toEqual({ data: 4 });
  await client.closed;
  expect(got.out()).toBe('out\n');
});

test('orphans of the container are reaped', async () => {
  run.start('for i in 1 2 3; do (sh -c "exit 0" &) ; done; sleep 0.3; exit 0');
  await run.report();
  await run.end();
  const children = readFileSync(`/proc/${await run.pid()}/task/${await run.pid()}/children`, 'utf8').trim();
  expect(children).toBe('');
});

test('a caller that dies before it says "go" leaves nothing: no container is created', async () => {
  run.start('touch made', { holdStart: true });
  run.closeAll();
  const status = await new Promise((resolve) => run.starter?.on('exit', resolve));
  expect(status).toBe(1);
  expect(run.runtimeCalls()).toBe('');
});

test('a caller that dies before it reads the pid changes nothing for the container', async () => {
  run.start('echo one; sleep 0.2; echo two; exit 6');
  run.closeAll();
  await run.gone();
  expect(run.exitFile()).toBe('6');
  expect(run.records().map(({ text }) => text)).toEqual(['one', 'two']);
});

test('a caller that dies before it starts the exec session leaves no process', async () => {
  run.start('touch made', { exec: true });
  await run.attachReport();
  run.closeStart();
  expect((await run.report())?.data).toBe(-1);
  await run.gone();
  expect(run.runtimeCalls()).toBe('');
});

test('the caller can read standard output to its end although the container still prints', async () => {
  const starter = run.start('while :; do echo x; sleep 0.1; done');
  const chunks: Buffer[] = [];
  for await (const chunk of starter.stdout ?? []) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toBe('');
  await run.report();
  expect(run.exitFile()).toBeNull();
});

test('another descriptor of the pipe on standard output is not kept either', async () => {
  const [reading, writing] = makePipe();
  run.start('sleep 60', { stdout: writing, fds: [writing] });
  closeSync(writing);
  await run.report();
  expect((await readToEnd(reading)).length).toBe(0); // would wait for the end of the container
  closeSync(reading);
});

test('inherited descriptors live as long as the container, and the container does not see them', async () => {
  const port = openFile(`${run.dir}/port`);
  run.start(`ls -l /proc/self/fd; sleep 60`, { fds: [port] });
  closeSync(port);
  await run.report();
  const folder = `/proc/${await run.pid()}/fd`;
  const links = readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`));
  expect(links).toContain(`${run.dir}/port`);
  await until(() => run.records().length > 3);
  expect(readFileSync(run.log, 'utf8')).not.toContain('port');
});

test('descriptors of --preserve-fds reach the container', async () => {
  const file = openFile(`${run.dir}/preserved`);
  run.start('echo text >&6', { fds: [file], args: ['--runtime-opt', '--preserve-fds', '--runtime-opt', '4'] });
  closeSync(file);
  await run.end();
  expect(readFileSync(`${run.dir}/preserved`, 'utf8')).toBe('text\n');
});

test('a bundle whose path is too long for a socket address works', async () => {
  const deep = `${run.dir}/${'d'.repeat(120)}`;
  (await import('node:fs')).mkdirSync(deep);
  run.start('cat', { stdin: true, args: ['-b', deep] });
  await run.report();
  const { connectAttach } = await import('../../src/system/seqpacket.ts');
  const client = connectAttach(`${deep}/attach`);
  const got = collect(client);
  await client.write(Buffer.from('hello\n'));
  client.shutdownWrite();
  await client.closed;
  expect(got.out()).toBe('hello\n');
});

function lockedExitCommand(): string[] {
  const words = ['-c', `echo x > ${run.dir}/ran`].flatMap((word) => ['--exit-command-arg', word]);
  return ['--exit-command', '/bin/sh', ...words, '--exit-command-lock', `${run.dir}/lock`];
}
