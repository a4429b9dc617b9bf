import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readLogs } from '../../../src/runtime/logs/read.ts';
import { printed, record, temporaryFolder } from './log-lines.ts';

const folder = temporaryFolder();
const path = () => `${folder()}/ctr.log`;

test('pieces of a line are joined, and both streams kept apart', async () => {
  const lines = [record('one'), record('two', { stream: 'stderr' }), record('par', { flag: 'P' }), record('tial')];
  writeFileSync(path(), lines.join(''));
  expect(await printed({ path: path() })).toEqual({ stdout: 'one\npartial\n', stderr: 'two\n' });
});

test('empty lines, spaces, carriage returns and what looks like a record are payload', async () => {
  const texts = ['', ' ', 'a\r', '  b  ', record('inner').trim()];
  writeFileSync(path(), texts.map((text) => record(text)).join(''));
  expect((await printed({ path: path() })).stdout).toBe(texts.map((text) => `${text}\n`).join(''));
});

test('timestamps of another length and zone are understood', async () => {
  writeFileSync(path(), '2024-05-01T00:00:00.5Z stdout F a\n2024-05-01T00:00:00.123456789-11:30 stderr F b\n');
  expect(await printed({ path: path() })).toEqual({ stdout: 'a\n', stderr: 'b\n' });
});

test('a damaged line is left out, and an unfinished one at the end', async () => {
  writeFileSync(path(), `${record('a')}garbage\n\n\0\0\0\n${record('b')}2024-05-01T00:00:00.0Z std`);
  expect((await printed({ path: path() })).stdout).toBe('a\nb\n');
});

test('a line longer than every buffer is whole', async () => {
  const long = 'x'.repeat(1_500_000);
  writeFileSync(path(), record(long) + record('end'));
  expect((await printed({ path: path() })).stdout).toBe(`${long}\nend\n`);
});

test('a log that is not there is empty', async () => {
  expect(await printed({ path: path() })).toEqual({ stdout: '', stderr: '' });
});

test('prefix, timestamp and color stand before each record', async () => {
  writeFileSync(path(), record('one', { at: 1 }) + record('p', { flag: 'P', at: 2 }));
  const options = { path: path(), prefix: 'web ', timestamps: true };
  expect((await printed(options)).stdout).toBe(
    'web 2024-05-01T00:00:01.000000000Z one\nweb 2024-05-01T00:00:02.000000000Z p',
  );
  expect((await printed({ path: path(), color: '\x1b[31m', prefix: 'w ' })).stdout).toBe(
    '\x1b[31mw one\x1b[0m\n\x1b[31mw p\x1b[0m',
  );
});

test('since is exclusive, until too', async () => {
  writeFileSync(path(), [1, 2, 3, 4].map((at) => record(String(at), { at })).join(''));
  const second = (at: number) => BigInt(Date.UTC(2024, 4, 1) + at * 1000) * 1_000_000n;
  expect((await printed({ path: path(), since: second(2) })).stdout).toBe('3\n4\n');
  expect((await printed({ path: path(), until: second(3) })).stdout).toBe('1\n2\n');
  expect((await printed({ path: path(), since: second(1), until: second(4) })).stdout).toBe('2\n3\n');
});

test('records written while the log is read do not make it endless', async () => {
  writeFileSync(path(), record('one').repeat(20_000));
  let lines = 0;
  for await (const { data } of readLogs({ path: path() })) {
    lines += data.toString().split('\n').length - 1;
    appendFileSync(path(), record('more').repeat(20_000));
  }
  expect(lines).toBe(20_000);
});

test('following prints what is appended, also in pieces, and ends with the container', async () => {
  writeFileSync(path(), record('one'));
  const { end, done } = follow();
  const late = record('two');
  appendFileSync(path(), late.slice(0, 20));
  await sleep(20);
  appendFileSync(path(), late.slice(20));
  await sleep(20);
  appendFileSync(path(), record('last'));
  end();
  expect(await done).toBe('one\ntwo\nlast\n');
});

test('following goes on in the new file when the log is rotated or replaced', async () => {
  writeFileSync(path(), record('one'));
  const { end, done, seen } = follow();
  await seen('one\n');
  appendFileSync(path(), record('two'));
  renameSync(path(), `${path()}.1`);
  writeFileSync(path(), record('three'));
  await seen('one\ntwo\nthree\n');
  writeFileSync(`${path()}.tmp`, record('four'));
  renameSync(`${path()}.tmp`, path());
  await seen('one\ntwo\nthree\nfour\n');
  end();
  expect(await done).toBe('one\ntwo\nthree\nfour\n');
});

test('following waits for a log that does not exist yet', async () => {
  const { end, done, seen } = follow();
  await sleep(20);
  writeFileSync(path(), record('first'));
  await seen('first\n');
  end();
  expect(await done).toBe('first\n');
});

test('following with a tail begins with the last lines', async () => {
  writeFileSync(path(), record('one') + record('two'));
  const { end, done, seen } = follow(1);
  await seen('two\n');
  appendFileSync(path(), record('three'));
  end();
  expect(await done).toBe('two\nthree\n');
});

/** Follows until `end`; `seen` resolves when so much was printed. */
function follow(tail?: number) {
  const ended = Promise.withResolvers<void>();
  let text = '';
  const done = (async () => {
    const options = { path: path(), follow: ended.promise, ...(tail === undefined ? {} : { tail }) };
    for await (const { data } of readLogs(options)) text += data.toString();
    return text;
  })();
  const seen = async (expected: string) => {
    while (text !== expected) await sleep(5);
  };
  return { end: ended.resolve, done, seen };
}
