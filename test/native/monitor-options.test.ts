import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readLogs } from '../../src/runtime/logs/read.ts';
import { connectAttach } from '../../src/system/seqpacket.ts';
import { buildSanitized, collect, MonitorRun, openFile, sanitized } from './monitor-harness.ts';

let run: MonitorRun;
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

const id = 'abcdefghijklmnop';
const known = ['-c', id, '-u', id, '-r', '/bin/true'];
const refusals: [what: string, args: string[], words: string][] = [
  ['an unknown option', ['--nonsense'], 'Unknown option --nonsense'],
  ['an option without its value', ['--cid'], 'Missing argument for --cid'],
  ['a number that is none', [...known, '-T', '1x'], "Cannot parse integer value '1x' for --timeout"],
  ['a number that is too large', [...known, '-T', '99999999999'], 'out of range'],
  ['no id', ['--log-level', 'nonsense'], 'Container ID not provided. Use --cid'],
  ['an unknown log level', ['-c', id, '--log-level', 'loud', '--exec', '--restore', 'x'], 'No such log level loud'],
  ['exec and restore', ['-c', id, '-e', '--restore', 'x'], "Cannot use 'exec' and 'restore' at the same time"],
  ['exec-attach without exec', ['-c', id, '--exec-attach'], 'Attach can only be specified with exec'],
  ['the old API with exec-attach', ['-c', id, '-e', '--exec-attach'], 'for a non-legacy exec session'],
  ['no uuid', ['-c', id], 'Container UUID not provided. Use --cuuid'],
  ['no runtime', ['-c', id, '-u', id], 'Runtime path not provided. Use --runtime'],
  ['a runtime that is missing', ['-c', id, '-u', id, '-r', '/nonsense'], 'Runtime path /nonsense is not valid'],
  ['exec without a process', [...known, '-e'], 'Exec process spec path not provided. Use --exec-process-spec'],
  ['a negative delay', [...known, '--exit-delay=-1'], 'must be greater than or equal to 0'],
  ['no log', known, 'Log driver not provided. Use --log-path'],
  ['an empty log', [...known, '-l', ''], 'log-path must not be empty'],
  ['a log file without a name', [...known, '-l', 'k8s-file'], 'k8s-file requires a filename'],
  ['an unknown log driver', [...known, '-l', 'stone:x'], 'No such log driver stone'],
  ['a tag for a file', [...known, '-l', '/dev/null', '--log-tag', 'x'], "k8s-file doesn't support --log-tag"],
  ['a bad label', [...known, '-l', 'journald', '--log-label', 'a=b'], 'must contain only uppercase letters'],
  ['rotation without files', [...known, '--log-rotate', '--log-max-files', '0'], 'log-max-files must be at least 1'],
];

test.each(refusals)('the monitor refuses %s', (_what, args, words) => {
  const { status, stderr } = spawnSync(sanitized, args, { encoding: 'utf8' });
  expect(stderr).toContain(words);
  expect(status).toBe(1);
});

test('a restored container gets its options in the order of the runtimes', async () => {
  const args = ['--restore', '/check', '--no-pivot', '--runtime-opt', '--tcp', '--runtime-arg', '--log=x', '-s'];
  run.start('true', { args });
  await run.end();
  const common = `--bundle ${run.bundle} --pid-file ${run.dir}/pidfile --no-pivot`;
  const restore = `--detach --image-path /check --work-path ${run.bundle} --tcp ${run.id}`;
  expect(run.runtimeCalls().trim()).toBe(`--systemd-cgroup --log=x restore ${common} ${restore}`);
});

test('with --sync the monitor stays the child of its caller and ends with the exit code', async () => {
  const child = run.start('exit 42', { args: ['--sync'] });
  const status = await new Promise((resolve) => child.on('exit', resolve));
  expect(status).toBe(42);
  expect(existsSync(`${run.dir}/monitor-pid`)).toBe(false);
});

test.each(['none', 'off', 'null'])('with the log driver %s nothing is kept, and clients are served', async (driver) => {
  run.start('read line; echo "got $line"', { stdin: true, log: `${driver}:` });
  await run.report();
  const client = run.connect();
  const got = collect(client);
  await client.write(Buffer.from('it\n'));
  await client.closed;
  expect(got.out()).toBe('got it\n');
  await run.end();
  expect(existsSync(run.log)).toBe(false);
});

test('with passthrough the container has the streams of the caller, and the monitor lets go of them', async () => {
  const stdout = openFile(`${run.dir}/out`);
  run.start('echo straight; exit 3', { log: 'passthrough', stdout });
  await run.end();
  expect(readFileSync(`${run.dir}/out`, 'utf8')).toBe('straight\n');
  expect(existsSync(`${run.bundle}/attach`)).toBe(false);
  expect(run.exitFile()).toBe('3');
});

test('without --full-attach a link leads to the socket, however long the path is, and it is gone at the end', async () => {
  const socketDir = `${run.dir}/${'s'.repeat(150)}`;
  mkdirSync(socketDir);
  run.start('cat', { stdin: true, socketDir });
  await run.report();
  const link = `${socketDir}/${run.id}`;
  expect(readlinkSync(link)).toBe(run.bundle);
  const client = connectAttach(`${link}/attach`);
  const got = collect(client);
  await client.write(Buffer.from('hello\n'));
  client.shutdownWrite();
  await client.closed;
  expect(got.out()).toBe('hello\n');
  await run.end();
  expect(existsSync(link)).toBe(false);
});

test('a line that came in pieces is read from the log as one', async () => {
  run.start(
    'printf a; sleep 0.1; printf b; sleep 0.1; echo c; head -c 200000 /dev/zero | tr "\\0" x; echo; printf end',
  );
  await run.end();
  expect(run.records().filter(({ flag }) => flag === 'P').length).toBeGreaterThan(3);
  let text = '';
  for await (const { data } of readLogs({ path: run.log })) text += Buffer.from(data).toString();
  expect(text.replace(/x+/, ({ length }) => String(length))).toBe('abc\n200000\nend');
});
