import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptied } from '../../src/system/remove.ts';

let dir: string;
let tree: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tspod-remove-'));
  tree = `${dir}/tree`;
  mkdirSync(tree);
});
afterEach(() => {
  execFileSync('rm', ['-rf', '--one-file-system', dir]);
});

test('a tree of many folders, files, fifos and names that are not UTF-8 goes; the folder itself stays', async () => {
  for (let i = 0; i < 60; i++) {
    mkdirSync(`${tree}/a${i % 7}/b${i}/c`, { recursive: true });
    for (let j = 0; j < 10; j++) writeFileSync(`${tree}/a${i % 7}/b${i}/f${j}`, 'x');
  }
  execFileSync('mkfifo', [`${tree}/a1/fifo`]);
  writeFileSync(Buffer.from(`${tree}/\xff\xfe`, 'latin1'), '');
  expect(await emptied(tree)).toBe(true);
  expect(readdirSync(tree)).toEqual([]);
});

test('a folder that is not there is empty', async () => {
  expect(await emptied(`${dir}/none`)).toBe(true);
});

test('links are deleted, not followed, and a tree that is a link is left alone', async () => {
  mkdirSync(`${dir}/outside`);
  writeFileSync(`${dir}/outside/precious`, '');
  symlinkSync(`${dir}/outside`, `${tree}/link`);
  symlinkSync('../../..', `${tree}/up`);
  expect(await emptied(tree)).toBe(true);
  symlinkSync(`${dir}/outside`, `${dir}/root`);
  expect(await emptied(`${dir}/root`)).toBe(false);
  expect(readdirSync(`${dir}/outside`)).toEqual(['precious']);
});

test('a mount below, also one of the same file system, is not entered, and the rest goes', async () => {
  mkdirSync(`${dir}/outside`);
  writeFileSync(`${dir}/outside/precious`, '');
  mkdirSync(`${tree}/deep/mounted`, { recursive: true });
  writeFileSync(`${tree}/deep/file`, '');
  execFileSync('mount', ['--bind', `${dir}/outside`, `${tree}/deep/mounted`]);
  try {
    expect(await emptied(tree)).toBe(false);
    expect(readdirSync(`${dir}/outside`)).toEqual(['precious']);
    expect(readdirSync(`${tree}/deep`)).toEqual(['mounted']);
  } finally {
    execFileSync('umount', [`${tree}/deep/mounted`]);
  }
  expect(await emptied(tree)).toBe(true);
});

test('a tree too deep to keep open is told, and nothing above it is lost sight of', async () => {
  mkdirSync(`${tree}/${'d/'.repeat(400)}`, { recursive: true });
  writeFileSync(`${tree}/file`, '');
  expect(await emptied(tree)).toBe(false);
  expect(existsSync(`${tree}/file`)).toBe(false);
  expect(existsSync(`${tree}/${'d/'.repeat(200)}`)).toBe(true);
  rmSync(tree, { recursive: true });
});
