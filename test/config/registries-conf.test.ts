import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadRegistriesConf } from '../../src/config/registries-conf.ts';
import { addShortNameAlias } from '../../src/config/short-name-alias.ts';

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

it('a file that is named has to exist', () => {
  expect(() => loadRegistriesConf('/nonexistent/registries.conf')).toThrow(
    'loading registries configuration "/nonexistent/registries.conf": no such file or directory',
  );
});

it('of several entries with one prefix in a file the first counts', () => {
  const conf = load('[[registry]]\nprefix="a.b"\nlocation="x.y"\n[[registry]]\nprefix="a.b/"\nlocation="z.y"\n');
  expect(conf.registries).toMatchObject([{ prefix: 'a.b', location: 'x.y' }]);
});

it('the old format of the main file is read', () => {
  const lists = (names: object) =>
    Object.entries(names).map(([name, hosts]) => `[registries.${name}]\nregistries=${JSON.stringify(hosts)}\n`);
  const conf = load(lists({ search: ['a.example'], insecure: ['b.example'], block: ['c.example'] }).join(''));
  expect(conf.searchRegistries).toEqual(['a.example']);
  expect(conf.registries).toMatchObject([
    { prefix: 'b.example', insecure: true, blocked: false },
    { prefix: 'c.example', insecure: false, blocked: true },
  ]);
});

it.each([
  ['broken [', 'loading registries configuration "'],
  ['short-name-mode="disabled"\n[registries.search]\nregistries=["x"]', 'mixing sysregistry v1/v2 is not supported'],
  ['short-name-mode="sometimes"', 'invalid short-name mode: "sometimes"'],
  ['unqualified-search-registries=["a.example/b"]', 'Invalid unqualified-search-registries entry "a.example/b"'],
  ['unqualified-search-registries="a.example"', 'no list of texts'],
  ['[registry]\nlocation="a.example"', 'write [[registry]]'],
  ['[[registry]]\ninsecure=true', 'both location and prefix are unset'],
  ['[[registry]]\nprefix="a.example"', 'location is unset and prefix is not in the format: *.example.com'],
  ['[[registry]]\nlocation="https://a.example"', 'URI schemes are not supported'],
  ['[[registry]]\nprefix="*.a.example/b"', 'Wildcarded prefix should be in the format: *.example.com'],
  ['[[registry]]\nlocation="a.example"\nblocked="true"', '"blocked" is neither true nor false'],
  ['[[registry]]\nlocation="a.example"\npull-from-mirror="all"', 'must not be set for a non-mirror registry'],
  ['[[registry]]\nlocation="a.example"\n[[registry.mirror]]\ninsecure=true', 'mirror location is unset'],
  [
    '[[registry]]\nlocation="a.b"\n[[registry.mirror]]\nlocation="c"\npull-from-mirror="often"',
    'unsupported pull-from-mirror value "often"',
  ],
  [
    '[[registry]]\nlocation="a.b"\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation="c"\npull-from-mirror="all"',
    'at the same time',
  ],
  [
    '[[registry]]\nprefix="a.b"\nlocation="x.y"\nblocked=true\n[[registry]]\nprefix="c.d"\nlocation="x.y"',
    "registry 'x.y' is defined multiple times with conflicting 'blocked' setting",
  ],
  ['[aliases]\n"a.example/x"="b.example/x"', 'invalid short name "a.example/x"'],
  ['[aliases]\n"x"="y"', 'must contain registry and repository'],
  ['[aliases]\n"x"="b.example/x:1"', 'must not contain tag'],
])('%j is refused with the name of the file', (text, words) => {
  expect(() => load(text)).toThrow(words);
});

describe('drop-ins', () => {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tspod-conf-'));
    folders.push(home);
    vi.stubEnv('XDG_CONFIG_HOME', home);
    vi.stubEnv('CONTAINERS_REGISTRIES_CONF', undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  it('replace and add in the order of their names', () => {
    const main = join(home, 'containers/registries.conf');
    write(main, 'unqualified-search-registries=["a.example"]\n[[registry]]\nlocation="x.y"\n[aliases]\n"n"="a.b/n"\n');
    write(`${main}.d/1.conf`, '[[registry]]\nlocation="x.y"\nblocked=true\n[aliases]\n"n"=""\n"m"="a.b/m"\n');
    write(`${main}.d/2.conf`, 'unqualified-search-registries=["b.example"]\nshort-name-mode="enforcing"\n');
    write(`${main}.d/3.txt`, 'broken [');
    const conf = loadRegistriesConf();
    expect(conf).toMatchObject({
      file: main,
      searchRegistries: ['b.example'],
      searchOrigin: `${main}.d/2.conf`,
      shortNameMode: 'enforcing',
      registries: [{ prefix: 'x.y', blocked: true }],
    });
    expect(conf.aliases.has('n')).toBe(false);
    expect(conf.aliases.get('m')?.origin).toBe(`${main}.d/1.conf`);
  });

  it('may not have the old format', () => {
    const main = join(home, 'containers/registries.conf');
    write(main, '');
    write(`${main}.d/old.conf`, '[registries.block]\nregistries=["x.y"]\n');
    expect(() => loadRegistriesConf()).toThrow('registry must be in v2 format but is in v1');
  });

  it('a remembered short name is read, and others stay beside it', () => {
    const path = join(home, 'cache/short-name-aliases.conf');
    addShortNameAlias('b', 'x.y/b', path);
    addShortNameAlias('a', 'x.y/a', path);
    addShortNameAlias('b', 'z.y/b', path);
    expect(readFileSync(path, 'utf8')).toBe('[aliases]\n  "a" = "x.y/a"\n  "b" = "z.y/b"\n');
  });
});
