import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { printed, record, temporaryFolder } from './log-lines.ts';

const folder = temporaryFolder();
const path = () => `${folder()}/ctr.log`;

test('the last lines are printed, all of them when there are fewer', async () => {
  writeFileSync(path(), ['a', 'b', 'c'].map((text) => record(text)).join(''));
  for (const [tail, expected] of [
    [0, ''],
    [1, 'c\n'],
    [2, 'b\nc\n'],
    [3, 'a\nb\nc\n'],
    [100, 'a\nb\nc\n'],
    [-1, 'a\nb\nc\n'],
  ] as const) {
    expect((await printed({ path: path(), tail })).stdout).toBe(expected);
  }
});

test('lines of both streams count', async () => {
  writeFileSync(path(), record('a') + record('b', { stream: 'stderr' }) + record('c'));
  expect(await printed({ path: path(), tail: 2 })).toEqual({ stdout: 'c\n', stderr: 'b\n' });
});

test('a line in pieces counts once, and the unfinished last one too', async () => {
  const partial = record('x', { flag: 'P' });
  writeFileSync(path(), record('a') + partial + partial + record('y') + record('end', { flag: 'P' }));
  expect((await printed({ path: path(), tail: 1 })).stdout).toBe('end');
  expect((await printed({ path: path(), tail: 2 })).stdout).toBe('xxy\nend');
  expect((await printed({ path: path(), tail: 3 })).stdout).toBe('a\nxxy\nend');
});

test('it reads backwards over the borders of blocks, with lines longer than a block', async () => {
  const texts = Array.from({ length: 3000 }, (_, i) => `${i} ${'z'.repeat((i * 37) % 211)}`);
  texts[2990] = `long ${'l'.repeat(200_000)}`;
  writeFileSync(path(), texts.map((text) => record(text)).join(''));
  for (const tail of [1, 9, 10, 11, 500, 1500, 2999, 3000, 3001]) {
    const expected = texts
      .slice(-tail)
      .map((text) => `${text}\n`)
      .join('');
    expect((await printed({ path: path(), tail })).stdout === expected, `tail ${tail}`).toBe(true);
  }
});

test('the tail of an empty log is empty', async () => {
  writeFileSync(path(), '');
  expect((await printed({ path: path(), tail: 5 })).stdout).toBe('');
});
