import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { loadRegistriesConf } from '../../src/config/registries-conf.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function load(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-conf-'));
  folders.push(folder);
  const file = join(folder, 'registries.conf');
  writeFileSync(file, text);
  return loadRegistriesConf(file);
}

it('reads search registries, mode and aliases with their origin', () => {
  const conf = load(
    'unqualified-search-registries=["a.example","b.example/"]\nshort-name-mode="enforcing"\n[aliases]\n"x-tspod"="quay.io/x"\n',
  );
  expect(conf.searchRegistries).toEqual(['a.example', 'b.example']);
  expect(conf.shortNameMode).toBe('enforcing');
  expect(conf.aliases.get('x-tspod')).toEqual({ target: 'quay.io/x', origin: conf.file });
});

it('a file that does not exist configures nothing', () => {
  expect(loadRegistriesConf('/nonexistent/registries.conf').searchRegistries).toEqual([]);
});

it.each([
  ['broken [', 'loading registries configuration "'],
  ['[registries.search]\nregistries=["x"]', 'old v1 format'],
  ['short-name-mode="sometimes"', 'invalid short-name mode "sometimes"'],
  ['[[registry]]\ninsecure=true', 'neither "prefix" nor "location"'],
  ['[[registry]]\nprefix="a.example"', 'has no "location"'],
  ['[[registry]]\nlocation="a.example"\n[[registry.mirror]]\ninsecure=true', 'a mirror has no "location"'],
])('%j is refused with the name of the file', (text, words) => {
  expect(() => load(text)).toThrow(words);
});
