import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseToml, setsAnything } from '../../src/config/toml.ts';
import { parseSimpleToml } from '../../src/config/toml-simple.ts';

test.each([
  '',
  '# only a comment\n',
  'a = 1\n[b]\nc = "x" # why\nd = [\n  "a", # first\n  \'b\',\n]\ne = true\n',
  '[a.b]\nc = 0\n[a]\nd = "1"\n',
  'empty = []\nblank = ""\n',
])('%j is read as the whole parser reads it', (text) => {
  expect(parseSimpleToml(text)).toEqual(parseToml(text, 'x'));
});

test.each([
  'a = 1.5',
  'a = "\\n"',
  'a = """x"""',
  'a = { b = 1 }',
  'a = [[1]]',
  'a.b = 1',
  '"a" = 1',
  '[[a]]\nb = 1',
  'a = 1 b = 2',
  'a = "x',
  'a = 1\na = 2',
  'a = 2020-01-01',
  'a = 01',
])('%j is left to the whole parser', (text) => {
  expect(parseSimpleToml(text)).toBeNull();
});

test('what distributions ship needs no other parser', () => {
  const path = '/usr/share/containers/containers.conf';
  if (!existsSync(path)) return;
  const text = readFileSync(path, 'utf8');
  expect(parseSimpleToml(text)).toEqual(parseToml(text, path));
});

test('headers and comments set nothing', () => {
  expect(setsAnything('# a = 1\n\n[containers]\n  [engine.runtimes]\n')).toBe(false);
  expect(setsAnything('[containers]\na = 1')).toBe(true);
  expect(setsAnything('[[a]]')).toBe(true);
});
