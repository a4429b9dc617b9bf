import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findCredentials, removeCredentials, storeCredentials } from '../../src/config/auth.ts';

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
  storeCredentials('a.example', { username: 'me', password: 'pw' }, file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(findCredentials('a.example', file)).toEqual({ username: 'me', password: 'pw' });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ auths: { other: {} }, credHelpers: { h: 'name' } });
  expect(removeCredentials('a.example', file)).toBe(true);
  expect(removeCredentials('a.example', file)).toBe(false);
});

it('a file that is no JSON is an error with its name', () => {
  writeFileSync(file, '{');
  expect(() => findCredentials('a.example', file)).toThrow(`reading JSON file "${file}"`);
});
