import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isTerminal, writeAll } from '../../src/cli/output.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tspod-output-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('all of a large text is written', () => {
  const fd = openSync(join(dir, 'out'), 'w');
  const text = 'ä'.repeat(3_000_000);
  writeAll(fd, text);
  writeAll(fd, Buffer.from('end'));
  closeSync(fd);
  expect(readFileSync(join(dir, 'out'), 'utf8')).toBe(`${text}end`);
});

test('files, /dev/null and closed descriptors are no terminals', () => {
  const file = openSync(join(dir, 'out'), 'w');
  const nothing = openSync('/dev/null', 'w');
  expect([isTerminal(file), isTerminal(nothing), isTerminal(12345)]).toEqual([false, false, false]);
  closeSync(file);
  closeSync(nothing);
});
