import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findCredentials } from '../../src/config/auth.ts';
import { removeAllCredentials, removeCredentials, storeCredentials } from '../../src/config/auth-edit.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-auth-'));
  file = join(folder, 'auth.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

function find(auths: object, repository: string) {
  writeFileSync(file, JSON.stringify({ auths }));
  return findCredentials(repository, file)?.username;
}

it('the most specific key wins', () => {
  const auths = { 'a.example': auth('host:1'), 'a.example/ns': auth('ns:1'), 'a.example/ns/repo': auth('repo:1') };
  expect(find(auths, 'a.example/ns/repo')).toBe('repo');
  expect(find(auths, 'a.example/ns/other')).toBe('ns');
  expect(find(auths, 'a.example/else')).toBe('host');
  expect(find(auths, 'b.example/ns')).toBeUndefined();
});

it("Docker's old keys mean docker.io", () => {
  expect(find({ 'https://index.docker.io/v1/': auth('hub:1') }, 'docker.io/library/nginx')).toBe('hub');
});

it('keys of a host with a port are not those of the host', () => {
  expect(find({ 'a.example:5000': auth('port:1') }, 'a.example/x')).toBeUndefined();
});

it('passwords may contain colons', () => {
  writeFileSync(file, JSON.stringify({ auths: { 'a.example': auth('me:a:b') } }));
  expect(findCredentials('a.example/x', file)).toEqual({ username: 'me', password: 'a:b' });
});

it('stores with mode 0600, keeps other keys, and removes', () => {
  writeFileSync(file, JSON.stringify({ auths: { other: auth('x:y') }, credHelpers: { h: 'name' } }));
  storeCredentials('a.example', { username: 'me', password: 'pw' }, { authFile: file });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(findCredentials('a.example', file)).toEqual({ username: 'me', password: 'pw' });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ auths: { other: {} }, credHelpers: { h: 'name' } });
  expect(removeCredentials('a.example', { authFile: file })).toBe(true);
  expect(removeCredentials('a.example', { authFile: file })).toBe(false);
});

it('a file that is no JSON is an error with its name', () => {
  writeFileSync(file, '{');
  expect(() => findCredentials('a.example', file)).toThrow(`reading JSON file "${file}"`);
});

it("Docker's format has no namespaces, and its own name for its hub", () => {
  const target = { authFile: file, compat: true };
  storeCredentials('docker.io', { username: 'me', password: 'pw' }, target);
  expect(Object.keys((JSON.parse(readFileSync(file, 'utf8')) as { auths: object }).auths)).toEqual([
    'https://index.docker.io/v1/',
  ]);
  expect(findCredentials('docker.io/library/x', file)?.username).toBe('me');
  expect(() => storeCredentials('a.example/x', { username: 'me', password: 'pw' }, target)).toThrow(
    'Credentials cannot be recorded in Docker-compatible format with namespaced key "a.example/x"',
  );
  expect(removeCredentials('docker.io', target)).toBe(true);
});

it.each([
  ['$REGISTRY_AUTH_FILE alone', ['REGISTRY_AUTH_FILE'], 'chosen'],
  ['$DOCKER_CONFIG before the usual ones', ['DOCKER_CONFIG'], 'docker-config'],
  ['the runtime folder first', ['XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'HOME'], 'runtime'],
  ['then the configuration', ['XDG_CONFIG_HOME', 'HOME'], 'config'],
  ["then Docker's file", ['HOME'], 'docker'],
])('credentials are looked for in %s', (_, set, user) => {
  const places = {
    REGISTRY_AUTH_FILE: ['chosen.json', 'chosen', 'chosen.json'],
    DOCKER_CONFIG: ['dc/config.json', 'docker-config', 'dc'],
    XDG_RUNTIME_DIR: ['run/containers/auth.json', 'runtime', 'run'],
    XDG_CONFIG_HOME: ['config/containers/auth.json', 'config', 'config'],
    HOME: ['home/.docker/config.json', 'docker', 'home'],
  };
  for (const [name, [path = '', who = '', value = '']] of Object.entries(places)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify({ auths: { 'a.example': auth(`${who}:1`) } }));
    vi.stubEnv(
      name,
      set.includes(name) ? join(folder, value) : name.startsWith('XDG') ? join(folder, 'none') : undefined,
    );
  }
  try {
    expect(findCredentials('a.example/x')?.username).toBe(user);
  } finally {
    vi.unstubAllEnvs();
  }
});

describe('a credential helper', () => {
  const program = `#!/bin/sh
IFS= read -r line || [ -n "$line" ]
cd "$(dirname "$0")"
case $1 in
  get) [ -f "kept-$(echo "$line" | tr /: __)" ] && cat "kept-$(echo "$line" | tr /: __)" || { echo "credentials not found in native keychain"; exit 1; } ;;
  store) host=$(echo "$line" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/'); echo "$line" >"kept-$(echo "$host" | tr /: __)" ;;
  erase) rm "kept-$(echo "$line" | tr /: __)" ;;
  list) echo "{"; ls kept-* 2>/dev/null | sed 's/kept-\\(.*\\)/"\\1": "me"/' | paste -sd,; echo "}" ;;
esac
`;
  let conf: string;
  beforeEach(() => {
    writeFileSync(join(folder, 'docker-credential-test'), program, { mode: 0o755 });
    writeFileSync(join(folder, 'docker-credential-broken'), '#!/bin/sh\necho nonsense\nexit 1\n', { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
    conf = join(folder, 'registries.conf');
  });
  afterEach(() => vi.unstubAllEnvs());
  const me = { username: 'me', password: 'pw' };

  it('of registries.conf keeps, gives and forgets, and the files come where they are named', () => {
    writeFileSync(conf, 'credential-helpers = ["test", "containers-auth.json"]');
    const target = { authFile: file, registriesConf: conf };
    expect(storeCredentials('a.example', me, target)).toBe('credential helper: test');
    expect(existsSync(file)).toBe(false);
    expect(findCredentials('a.example/x', file, conf)).toEqual(me);
    expect(storeCredentials('a.example/x', me, target)).toBe(file);
    expect(removeCredentials('a.example', target)).toBe(true);
    expect(removeCredentials('a.example', target)).toBe(false);
    expect(findCredentials('a.example/x', file, conf)).toEqual(me);
    storeCredentials('b.example', me, target);
    removeAllCredentials(target);
    expect(findCredentials('b.example', file, conf)).toBeNull();
    expect(findCredentials('a.example/x', file, conf)).toBeNull();
  });

  it('of the file is used for its host alone', () => {
    writeFileSync(conf, '');
    writeFileSync(file, JSON.stringify({ credHelpers: { 'a.example': 'test' } }));
    const target = { authFile: file, registriesConf: conf };
    expect(storeCredentials('a.example', me, target)).toBe('credential helper: test');
    expect(storeCredentials('b.example', me, target)).toBe(file);
    expect(findCredentials('a.example/x', file, conf)).toEqual(me);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { auths: object };
    expect(Object.keys(kept.auths)).toEqual(['b.example']);
  });

  it('that is missing or talks nonsense is an error with its name', () => {
    writeFileSync(conf, '');
    for (const name of ['missing', 'broken']) {
      writeFileSync(file, JSON.stringify({ credHelpers: { 'a.example': name } }));
      expect(() => findCredentials('a.example/x', file, conf)).toThrow(
        `error getting credentials from docker-credential-${name}`,
      );
    }
    writeFileSync(file, JSON.stringify({ credHelpers: { 'a.example': '../x' } }));
    expect(() => findCredentials('a.example/x', file, conf)).toThrow('invalid credential helper name');
  });
});
