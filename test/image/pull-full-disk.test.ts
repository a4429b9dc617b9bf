import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';
import { type LyingRegistry, putImage, startLyingRegistry, tinyImage } from '../registry/lying-registry.ts';

let engine: TestEngine;
let registry: LyingRegistry;
let name: string;

beforeEach(async () => {
  engine = newEngine();
  registry = await startLyingRegistry();
  putImage(registry, tinyImage(3, 1 << 20));
  name = `${registry.host}/library/tiny:latest`;
  mkdirSync(engine.root);
});
afterEach(async () => {
  execFileSync('umount', ['-R', engine.root]);
  await registry.close();
  await engine.cleanup();
});

function mountRoot(options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `${options},mode=0700`, 'tmpfs', engine.root]);
}

function folders(path: string): string[] {
  try {
    return readdirSync(`${engine.root}/${path}`).filter((entry) => !/^(l|\..*|.*\.lock)$/.test(entry));
  } catch {
    return [];
  }
}

// A layer stops when less than 64 MB are left; what has no such limit (folders, records) meets the end of the inodes.
test.each([
  'size=66M',
  'size=67000k',
  'size=68000k',
  'size=90M,nr_inodes=2',
  'size=90M,nr_inodes=6',
  'size=90M,nr_inodes=10',
  'size=90M,nr_inodes=16',
  'size=90M,nr_inodes=32',
  'size=90M,nr_inodes=48',
])('a pull into a graph root of %s ends in one error, and goes well when there is room', async (options) => {
  mountRoot(options);
  const pull = ['pull', '-q', '--tls-verify=false', name];
  const { exitCode, stderr } = await engine.tspod(...pull);
  if (exitCode !== 0) {
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(/^Error: .*no space left on device.*\n(free some space .*\n)?$/i);
    expect(await engine.tspod('images', '-q')).toMatchObject({ stdout: '' });
  }
  execFileSync('mount', ['-o', 'remount,size=120M,nr_inodes=10000', engine.root]);
  if (exitCode !== 0) {
    expect(await engine.ok('system', 'check')).toBe('');
    expect(folders('overlay').filter((entry) => entry !== 'tempdirs')).toEqual([]);
  }
  await engine.ok(...pull);
  expect(await engine.ok('system', 'check')).toBe('');
  expect(folders('overlay/tempdirs')).toEqual([]);
  expect(folders('overlay').filter((entry) => entry.length === 64)).toHaveLength(3);
});
