import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkPolicy } from '../../src/config/policy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-policy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const accept = [{ type: 'insecureAcceptAnything' }];
const reject = [{ type: 'reject' }];

function check(policy: object | string, name: string): void {
  const [domain = '', ...path] = name.split('/');
  const file = join(folder, 'policy.json');
  writeFileSync(file, typeof policy === 'string' ? policy : JSON.stringify(policy));
  checkPolicy({ domain, path: path.join('/'), tag: 'latest', digest: '' }, file);
}

it('the most specific scope decides', () => {
  const docker = {
    'a.example': reject,
    'a.example/good': accept,
    'a.example/good/bad:latest': reject,
    '*.b.example': reject,
  };
  const policy = { default: accept, transports: { docker } };
  check(policy, 'c.example/x');
  check(policy, 'a.example/good/x');
  expect(() => check(policy, 'a.example/x')).toThrow('rejected by policy');
  expect(() => check(policy, 'a.example/good/bad')).toThrow('rejected by policy');
  expect(() => check(policy, 'x.b.example/x')).toThrow('rejected by policy');
});

it('what cannot be checked does not pass', () => {
  expect(() => check({ default: [{ type: 'signedBy' }] }, 'a.example/x')).toThrow('requires "signedBy"');
});

it('without a default nothing passes', () => {
  expect(() => check({}, 'a.example/x')).toThrow('rejected by policy');
});

it('a broken file is an error with its name', () => {
  expect(() => check('{', 'a.example/x')).toThrow('invalid policy in');
});
