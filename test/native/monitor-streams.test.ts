import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildSanitized, built, collect, isSanitizedBuild, MonitorRun, until } from './monitor-harness.ts';

let run: MonitorRun;
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

test('lines, pieces of lines and both streams are recorded', async () => {
  run.start('echo one; echo two >&2; printf three; sleep 0.2; echo ...; printf end');
  await run.end();
  const records = run.records();
  expect(records.filter(({ stream }) => stream === 'stderr')).toEqual([{ stream: 'stderr', flag: 'F', text: 'two' }]);
  expect(records.filter(({ stream }) => stream === 'stdout').map(({ flag, text }) => flag + text)).toEqual([
    'Fone',
    'Pthree',
    'F...',
    'Pend',
  ]);
});

test('a flood without a newline is recorded whole, in pieces', async () => {
  run.start('head -c 20000000 /dev/zero | tr "\\0" x');
  await run.end();
  const records = run.records();
  expect(records.every(({ flag, text }) => flag === 'P' && /^x+$/.test(text))).toBe(true);
  expect(records.reduce((sum, { text }) => sum + text.length, 0)).toBe(20_000_000);
});

test('NUL bytes and invalid UTF-8 arrive as they are', async () => {
  run.start('cat', { stdin: true });
  await run.report();
  const client = run.connect();
  const got = collect(client);
  const bytes = Buffer.from([0, 1, 0xff, 0xfe, 0x80, 0x0a, 0, 0x0a]);
  await client.write(bytes);
  client.shutdownWrite();
  await client.closed;
  expect(got.out()).toBe(bytes.toString('latin1'));
  await run.end();
  const log = readFileSync(run.log);
  expect(log.indexOf(bytes.subarray(0, 6))).toBeGreaterThan(0);
});

test('packets carry the stream in their first byte and at most 8192 bytes', async () => {
  run.start('read line; head -c 300000 /dev/zero; echo error >&2', { stdin: true });
  await run.report();
  const client = run.connect();
  const got = collect(client);
  await client.write(Buffer.from('go\n'));
  await client.closed;
  expect(got.out().length).toBe(300_000);
  expect(got.err()).toBe('error\n');
  expect(Math.max(...got.sizes)).toBe(8192);
});

test('all clients see the output, and the input of all is merged', async () => {
  run.start('for i in 1 2; do read line; echo $line; done', { stdin: true });
  await run.report();
  const clients = [run.connect(), run.connect()] as const;
  const got = clients.map(collect);
  await clients[0].write(Buffer.from('one\n'));
  await until(() => got.every(({ out }) => out() === 'one\n'));
  await clients[1].write(Buffer.from('two\n'));
  await Promise.all(clients.map(({ closed }) => closed));
  expect(got.map(({ out }) => out())).toEqual(['one\ntwo\n', 'one\ntwo\n']);
});

test('a client that only watched and went away does not end the input', async () => {
  run.start('cat', { stdin: true });
  await run.report();
  run.connect().close();
  await sleep(50);
  const client = run.connect();
  const got = collect(client);
  await client.write(Buffer.from('still there\n'));
  await until(() => got.out() === 'still there\n');
  client.shutdownWrite();
  await run.end();
  expect(run.exitFile()).toBe('0');
});

test('with --leave-stdin-open the input outlives its clients', async () => {
  run.start('head -n 2', { stdin: true, args: ['--leave-stdin-open'] });
  await run.report();
  for (const line of ['one\n', 'two\n']) {
    const client = run.connect();
    await client.write(Buffer.from(line));
    client.shutdownWrite();
  }
  await run.end();
  expect(run.records().map(({ text }) => text)).toEqual(['one', 'two']);
});

test('without -i the container reads nothing, and what clients type goes nowhere', async () => {
  run.start('cat; sleep 0.3; echo after');
  await run.report();
  const client = run.connect();
  const got = collect(client);
  await client.write(Buffer.alloc(200_000, 'x'));
  await client.closed;
  expect(got.out()).toBe('after\n');
});

test('input larger than every buffer is delivered whole, also when the client is gone', async () => {
  run.start('sleep 0.3; wc -c', { stdin: true });
  await run.report();
  const client = run.connect();
  await client.write(Buffer.alloc(3_000_000, 'x'));
  client.close();
  await run.end();
  expect(run.records()[0]?.text.trim()).toBe('3000000');
});

test('a client that reads nothing is dropped, and holds neither the container nor its log up', async () => {
  run.start('read go; head -c 5000000 /dev/zero | tr "\\0" x; echo; echo done', { stdin: true });
  await run.report();
  const stuck = run.connect(); // never reads
  const watching = run.connect();
  const got = collect(watching);
  await watching.write(Buffer.from('go\n'));
  await run.end();
  expect(run.exitFile()).toBe('0');
  expect(run.records().reduce((sum, { text }) => sum + text.length, 0)).toBe(5_000_004);
  await watching.closed;
  expect(got.out().length).toBe(5_000_006);
  expect(run.notes()).toContain('Dropped an attached client that did not read');
  stuck.close();
});

test('a client that is slow, but reads now and then, gets everything', async () => {
  run.start('read go; head -c 2000000 /dev/zero | tr "\\0" x', { stdin: true });
  await run.report();
  const client = run.connect();
  const got = collect(client);
  await client.write(Buffer.from('go\n'));
  client.pause();
  for (let i = 0; i < 8; i++) {
    await sleep(1000); // longer in all than a client may be silent
    client.resume();
    await new Promise(setImmediate);
    client.pause();
  }
  client.resume();
  await client.closed;
  expect(got.out().length).toBe(2_000_000);
});

test('a client that leaves in the middle of a flood changes nothing', async () => {
  run.start('read go; head -c 3000000 /dev/zero | tr "\\0" x', { stdin: true });
  await run.report();
  const client = run.connect();
  let packets = 0;
  client.onPacket(() => {
    if (++packets === 3) client.close();
  });
  await client.write(Buffer.from('go\n'));
  await run.end();
  expect(run.records().reduce((sum, { text }) => sum + text.length, 0)).toBe(3_000_000);
});

test('nonsense in ctl and winsz is ignored', async () => {
  run.start('read go; echo fine', { stdin: true });
  await run.report();
  const nonsense = ['', '1', '1 a b', '999 1 1', '\0\0\0', `1 2 2 ${'#'.repeat(70_000)}`, '1 99999999999999999999 1'];
  for (const name of ['ctl', 'winsz']) {
    for (const line of nonsense) writeFileSync(`${run.bundle}/${name}`, `${line}\n`, { flag: 'a' });
  }
  await run.connect().write(Buffer.from('go\n'));
  await run.end();
  expect(run.records().map(({ text }) => text)).toEqual(['fine']);
});

test('readiness messages are relayed, and no others', async () => {
  mkdirSync(`${run.bundle}/notify`);
  const { execFile } = await import('node:child_process');
  const target = `${run.dir}/target.sock`;
  const receiver = execFile('socat', ['-u', `UNIX-RECV:${target}`, `OPEN:${run.dir}/received,creat`]);
  await until(() => existsSync(target));
  run.start(
    `printf 'MAINPID=1\\nREADY=1\\nSTATUS=up\\n' | socat -u - UNIX-SENDTO:${run.bundle}/notify/notify.sock; sleep 0.3`,
    {
      args: ['--sdnotify-socket', target],
    },
  );
  await run.end();
  receiver.kill();
  expect(readFileSync(`${run.dir}/received`, 'utf8')).toBe('READY=1\nSTATUS=up');
});

test.skipIf(isSanitizedBuild)('ten idle monitors cost less than conmon: at most 460 kB each', async () => {
  const runs = Array.from({ length: 10 }, () => new MonitorRun());
  try {
    for (const each of runs) {
      each.start('sleep 60', { monitor: built });
      await each.report();
    }
    const sizes = await Promise.all(runs.map(async (each) => pss(await each.pid())));
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(460);
  } finally {
    for (const each of runs) await each.cleanUp();
  }
});

function pss(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
}
