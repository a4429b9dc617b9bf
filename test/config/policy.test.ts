import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { enforcePolicy, type PolicySubject, refuseRejected } from '../../src/image/signature/enforce.ts';
import { loadPolicy } from '../../src/image/signature/policy.ts';
import { pathSubject, registrySubject, storageSubject } from '../../src/image/signature/subject.ts';
import { parseDocker } from '../../src/registry/reference.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-policy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const accept = [{ type: 'insecureAcceptAnything' }];
const reject = [{ type: 'reject' }];

function policy(content: object | string): string {
  const file = join(folder, 'policy.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function passes(content: object | string, subject: string | PolicySubject): boolean {
  const asked = typeof subject === 'string' ? registrySubject(parseDocker(subject)) : subject;
  try {
    refuseRejected(asked, policy(content));
    return true;
  } catch (error) {
    expect(String(error)).toMatch(/Source image rejected: Running image \S+ is rejected by policy$/);
    return false;
  }
}

const digest = `sha256:${'a'.repeat(64)}`;

it('the most specific scope of a registry decides', () => {
  const docker = {
    'a.example:5000': reject,
    'a.example:5000/good': accept,
    'a.example:5000/good/bad:latest': reject,
    [`a.example:5000/good/bad@${digest}`]: accept,
    '*.b.example': reject,
    '*.x.b.example': accept,
    'docker.io/library': reject,
  };
  const content = { default: accept, transports: { docker } };
  expect(passes(content, 'c.example/x:1')).toBe(true);
  expect(passes(content, 'a.example:5000/good/x:1')).toBe(true);
  expect(passes(content, 'a.example:5000/goody/x:1')).toBe(false);
  expect(passes(content, 'a.example:5000/good/bad:latest')).toBe(false);
  expect(passes(content, 'a.example:5000/good/bad:other')).toBe(true);
  expect(passes(content, `a.example:5000/good/bad@${digest}`)).toBe(true);
  expect(passes(content, 'y.b.example:80/x:1')).toBe(false);
  expect(passes(content, 'y.x.b.example/x:1')).toBe(true);
  expect(passes(content, 'b.example/x:1')).toBe(true);
  expect(passes(content, 'busybox:1')).toBe(false);
});

it("a transport's own default comes before the default of all", () => {
  const content = { default: reject, transports: { docker: { '': accept }, 'docker-daemon': { '': reject } } };
  expect(passes(content, 'c.example/x:1')).toBe(true);
  expect(passes(content, registrySubject(parseDocker('c.example/x:1'), 'docker-daemon'))).toBe(false);
});

it('folders are known by their real path and by those above it', () => {
  mkdirSync(`${folder}/in`);
  symlinkSync(`${folder}/in`, `${folder}/link`);
  symlinkSync('/', `${folder}/out`);
  const inner = { [`${folder}/in`]: reject, [`${folder}/out`]: reject };
  const content = { default: accept, transports: { dir: inner, oci: { [`${folder}/a`]: reject } } };
  expect(passes(content, pathSubject('dir', `${folder}/link`))).toBe(false);
  expect(passes(content, pathSubject('dir', `${folder}/out/etc`))).toBe(true);
  expect(passes(content, pathSubject('oci', `${folder}/a/b/c`))).toBe(false);
  expect(passes(content, pathSubject('oci-archive', `${folder}/a`))).toBe(true);
});

it('an image of a store is known by its name, its store and the root of that', () => {
  const store = { driver: 'overlay', root: '/a' };
  const subject = storageSubject(store, parseDocker('c.example/x/y:1'), digest.slice(7));
  const scopes = (scope: string) => ({ default: accept, transports: { 'containers-storage': { [scope]: reject } } });
  expect(passes(scopes('[overlay@/a]c.example/x'), subject)).toBe(false);
  expect(passes(scopes('[overlay@/a]'), subject)).toBe(false);
  expect(passes(scopes('[/a]'), subject)).toBe(false);
  expect(passes(scopes('[/b]'), subject)).toBe(true);
});

it('every requirement of a scope has to be met', () => {
  expect(passes({ default: [...accept, ...reject] }, 'a.example/x:1')).toBe(false);
});

it.each([
  ['no JSON', '{', 'policy'],
  ['no default', {}, 'Default policy is missing'],
  ['an empty list', { default: [] }, 'must not be empty'],
  ['an unknown key', { default: accept, transport: {} }, 'Unknown key "transport"'],
  ['a key twice', '{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}', 'Duplicate key'],
  ['an unknown requirement', { default: [{ type: 'signed' }] }, 'Unknown policy requirement type "signed"'],
  ['more than a type', { default: [{ type: 'reject', keyPath: '/x' }] }, 'Unknown key "keyPath"'],
  ['no key', { default: [{ type: 'signedBy', keyType: 'GPGKeys' }] }, 'exactly one of keyPath'],
  [
    'two sources of keys',
    { default: [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/x', keyData: 'AA==' }] },
    'exactly one of keyPath',
  ],
  [
    'an unknown kind of key',
    { default: [{ type: 'signedBy', keyType: 'PGP', keyPath: '/x' }] },
    'Unrecognized keyType',
  ],
  [
    'an unknown identity',
    { default: [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: '/x', signedIdentity: { type: 'any' } }] },
    'Unknown policy reference match type "any"',
  ],
  [
    'an exact reference without a tag',
    {
      default: [
        { type: 'sigstoreSigned', keyPath: '/x', signedIdentity: { type: 'exactReference', dockerReference: 'a.b/c' } },
      ],
    },
    'contains neither a tag nor digest',
  ],
  ['a relative folder', { default: accept, transports: { dir: { 'a/b': reject } } }, 'Must be an absolute path'],
  [
    'a scope of a docker-archive',
    { default: accept, transports: { 'docker-archive': { '/a': reject } } },
    'default ""',
  ],
])('a policy with %s is an error with the name of the file', (_, content, reason) => {
  const file = policy(content);
  expect(() => loadPolicy(file)).toThrow(`invalid policy in "${file}": `);
  expect(() => loadPolicy(file)).toThrow(reason);
});

it.each([
  [{ type: 'signedBaseLayer', baseLayerIdentity: { type: 'matchExact' } }, 'signedBaseLayer'],
  [{ type: 'signedBy', keyType: 'X509Certificates', keyPath: '/x' }, 'signedBy with the keyType "X509Certificates"'],
  [{ type: 'sigstoreSigned', fulcio: {}, rekorPublicKeyPath: '/x' }, 'sigstoreSigned with "fulcio"'],
  [{ type: 'sigstoreSigned', keyPath: '/x', rekorPublicKeyPath: '/x' }, 'sigstoreSigned with "rekorPublicKeyPath"'],
])('what cannot be checked does not pass, and is named: %j', async (requirement, what) => {
  const file = policy({ default: [requirement] });
  const subject = registrySubject(parseDocker('a.example/x:1'));
  const asked = enforcePolicy({ ...subject, manifest: Buffer.from('{}'), signatures: async () => [] }, file);
  await expect(asked).rejects.toThrow(`requires ${what}, which tspod cannot check`);
});
