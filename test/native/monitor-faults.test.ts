import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildSanitized, built, collect, isSanitizedBuild, MonitorRun, until } from './monitor-harness.ts';

let run: MonitorRun;
const mounts: string[] = [];
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(async () => {
  for (const target of mounts.splice(0)) execFileSync('umount', ['-l', target]);
  await run.cleanUp();
});

test('the last words of a runtime that crashes are reported in full', async () => {
  const crash = 'head -c 300000 /dev/zero | tr "\\0" e >&2; echo END >&2; exit 2';
  run.start('true', { env: { BEFORE: crash } });
  const report = await run.report();
  expect(report?.data).toBe(-1);
  expect(report?.message).toBe(`${'e'.repeat(300_000)}END\n`);
});

test('a runtime that warns much, but creates the container, is not held up, and its words are in the log', async () => {
  run.start('echo fine', { env: { BEFORE: 'head -c 200000 /dev/zero | tr "\\0" w >&2; echo >&2' } });
  expect((await run.report())?.data).toBeGreaterThan(1);
  await run.end();
  const said = run.records().filter(({ stream }) => stream === 'stderr');
  expect(said.map(({ text }) => text).join('')).toBe('w'.repeat(200_000));
});

test('what an exec session writes to stderr before its runtime ends reaches the client', async () => {
  const early = 'head -c 200000 /dev/zero | tr "\\0" w >&2';
  run.start('true', { exec: true, env: { BEFORE: early } });
  await run.attachReport();
  const client = run.connect();
  const got = collect(client);
  run.go();
  await client.closed;
  expect(got.err().length).toBe(200_000);
});

test('a runtime that is killed while it creates is reported, and leaves no process behind', async () => {
  const orphan = 'setsid sh -c "echo \\$\\$ > $dir/orphan; exec sleep 1000" <&- >&- 2>&- &';
  const wait = 'while [ ! -s $dir/orphan ]; do sleep 0.01; done; kill -9 $$';
  run.start('true', { env: { BEFORE: `${orphan} ${wait}` } });
  expect(await run.report()).toEqual({ data: -1, message: 'exit status 137' });
  await run.gone();
  const pid = Number(readFileSync(`${run.dir}/orphan`, 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a caller that is killed while the runtime creates changes nothing for the container', async () => {
  run.start('echo one; exit 6', { env: { BEFORE: 'touch $dir/creating; sleep 0.3' } });
  await until(() => existsSync(`${run.dir}/creating`));
  run.closeAll();
  await run.gone();
  expect(run.exitFile()).toBe('6');
});

test('a container whose first process is killed from outside has 137', async () => {
  run.start('sleep 60');
  process.kill((await run.report())?.data ?? 0, 'SIGKILL');
  await run.end();
  expect(run.exitFile()).toBe('137');
});

test('what fails before the runtime starts is told to the caller', async () => {
  rmSync(run.bundle, { recursive: true });
  run.start('true');
  const report = await run.report();
  expect(report?.data).toBe(-1);
  expect(report?.message).toContain('No such file or directory');
});

test('a bundle with a path that is too long is refused with a reason', async () => {
  run.start('true', { args: ['-b', `/${'x'.repeat(5000)}`] });
  expect((await run.report())?.message).toContain('path too long');
});

test('a full disk under the exit file: the caller gets the code, and the file follows when there is room', async () => {
  fullDisk(`${run.dir}/exits`);
  run.start('exit 3');
  await run.report();
  expect(await run.report()).toEqual({ data: 3, message: 'Failed to write the exit file' });
  expect(readFileSync(`${run.dir}/persist/exit`, 'utf8')).toBe('3');
  expect(readdirSync(`${run.dir}/exits`)).toEqual(['filler']);
  rmSync(`${run.dir}/exits/filler`);
  await run.end();
  expect(run.exitFile()).toBe('3');
  expect(run.notes()).toContain('Failed to write 3 to exit file');
});

test('exit folders that are gone do not keep the other one, the clients or the exit command from their turn', async () => {
  const words = ['-c', `echo x > ${run.dir}/ran`].flatMap((word) => ['--exit-command-arg', word]);
  run.start('exit 3', { args: ['--exit-command', '/bin/sh', ...words] });
  rmSync(`${run.dir}/persist`, { recursive: true });
  await run.gone();
  expect(run.exitFile()).toBe('3');
  expect(existsSync(`${run.dir}/ran`)).toBe(true);
});

test('a full disk under the log: the container goes on, and so does the log when there is room', async () => {
  const folder = `${run.dir}/small`;
  mkdirSync(folder);
  fullDisk(folder);
  run.start('seq 1 2000; echo said > $DONE; read go; echo after; exit 4', {
    stdin: true,
    log: `${folder}/log`,
    env: { DONE: `${run.dir}/done` },
  });
  await until(() => existsSync(`${run.dir}/done`));
  rmSync(`${folder}/filler`);
  await run.connect().write(Buffer.from('go\n'));
  await run.end();
  expect(run.exitFile()).toBe('4');
  expect(run.records(`${folder}/log`).at(-1)?.text).toBe('after');
  expect(run.notes()).toContain('Failed to write to log file');
});

test('a log file that somebody removed is made again', async () => {
  run.start('echo one; while read line; do echo $line; done', { stdin: true });
  await until(() => existsSync(run.log) && run.records().length === 1);
  rmSync(run.log);
  const client = run.connect();
  for (let i = 0; i < 100 && !existsSync(run.log); i++) {
    await client.write(Buffer.from('again\n'));
    await sleep(50);
  }
  expect(run.records()[0]?.text).toBe('again');
});

test('a log whose folder is gone stops neither the container nor its rotation attempts', async () => {
  const folder = `${run.dir}/logs`;
  mkdirSync(folder);
  run.start('read go; seq 1 3000; exit 5', {
    stdin: true,
    log: `${folder}/log`,
    args: ['--log-rotate', '--log-size-max', '10000'],
  });
  await run.report();
  rmSync(folder, { recursive: true });
  await run.connect().write(Buffer.from('go\n'));
  await run.end();
  expect(run.exitFile()).toBe('5');
});

test('fifty clients that connect and vanish leave nothing behind', async () => {
  const flood = 'while read line; do head -c 300000 /dev/zero; echo $line; done';
  run.start(flood, { stdin: true, args: ['--leave-stdin-open'] });
  await run.report();
  const pid = await run.pid();
  const before = sockets(pid);
  const first = run.connect();
  await first.write(Buffer.from('flood\n'));
  for (let i = 0; i < 50; i++) {
    const client = run.connect();
    if (i % 3 === 0) client.onPacket(() => client.close());
    else if (i % 3 === 1) client.close();
    else await client.write(Buffer.from('x\n')).then(() => client.close());
  }
  first.close();
  await until(() => sockets(pid) === before);
  const client = run.connect();
  const got = collect(client);
  await client.write(Buffer.from('last\n'));
  await until(() => got.out().endsWith('last\n'));
});

test('a container that closes its output early is waited for', async () => {
  run.start('exec >&-; sleep 0.2; echo error >&2; exec 2>&-; sleep 0.2; exit 5');
  await run.end();
  expect(run.exitFile()).toBe('5');
  expect(run.records()).toEqual([{ stream: 'stderr', flag: 'F', text: 'error' }]);
});

test.skipIf(isSanitizedBuild)(
  'a clock that jumps has no part in timeouts, and is shown as it is in the log',
  async () => {
    const library = `${run.dir}/jump.so`;
    const source = new URL('clock-jump.c', import.meta.url).pathname;
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, source]);
    const env = { LD_PRELOAD: library };
    run.start('for i in 1 2 3 4; do echo $i; sleep 0.1; done; sleep 60', { monitor: built, env, args: ['-T', '1'] });
    await run.end();
    expect(run.exitFile()).toBe('-1');
    expect(run.records().map(({ text }) => text)).toEqual(['1', '2', '3', '4']);
    expect(new Set(readFileSync(run.log, 'utf8').match(/^\d{4}/gm)).size).toBeGreaterThan(1);
  },
);

// A machine of ten thousand would meet the limit of processes of many test machines; the cost is linear.
test('two thousand orphans of a container are reaped, and its exit code is not mistaken for one of theirs', async () => {
  run.start('i=0; while [ $i -lt 2000 ]; do (exec true &); i=$((i+1)); done; exit 7');
  await run.end();
  expect(run.exitFile()).toBe('7');
});

function sockets(pid: number): number {
  const { stdout } = spawnSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' });
  return stdout.split(' -> socket:').length - 1;
}

/** A disk without a byte left, but with room for a name. */
function fullDisk(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
  mounts.push(folder);
  try {
    writeFileSync(`${folder}/filler`, Buffer.alloc(1 << 20));
  } catch {
    // Full: what was asked for.
  }
}
