import { describe, expect, it } from 'vitest';
import { formatReference, isShort, parseDocker, parseLocal, parseReference } from '../../src/registry/reference.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('names are split as distribution does', () => {
  it.each([
    ['nginx', '', 'nginx', '', ''],
    ['nginx:1.2', '', 'nginx', '1.2', ''],
    ['a/b', 'a', 'b', '', ''],
    ['localhost:5000/a/b:v1', 'localhost:5000', 'a/b', 'v1', ''],
    ['[::1]:5000/a', '[::1]:5000', 'a', '', ''],
    [`quay.io/a/b:v1@${digest}`, 'quay.io', 'a/b', 'v1', digest],
  ])('%s', (text, domain, path, tag, hash) => {
    expect(parseReference(text)).toEqual({ domain, path, tag, digest: hash });
  });
});

describe('bad names are refused in the words of Podman', () => {
  it.each([
    ['', 'repository name must have at least one component'],
    ['UPPER', 'repository name must be lowercase'],
    ['a..b//c', 'invalid reference format'],
    ['localhost:5099/a/b@sha256:abc', 'invalid reference format'],
    [`a@sha256:${'AB'.repeat(32)}`, 'invalid reference format'],
    [`a@sha1:${'ab'.repeat(20)}`, 'invalid reference format'],
    ['a@sha256:../../etc/passwd', 'invalid reference format'],
    ['-x', 'invalid reference format'],
    [`h.io/${'a'.repeat(260)}`, 'repository name must not be more than 255 characters'],
  ])('%s', (text, reason) => {
    expect(() => parseReference(text)).toThrow(`parsing reference "${text}": ${reason}`);
  });
});

describe('names are completed', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx'],
    ['a/b:1', 'docker.io/a/b:1'],
    ['index.docker.io/nginx', 'docker.io/library/nginx'],
    ['localhost/x', 'localhost/x'],
  ])('%s for a registry is %s', (text, full) => {
    expect(formatReference(parseDocker(text))).toBe(full);
  });

  it.each([
    ['nginx', 'localhost/nginx:latest'],
    ['a/b:1', 'localhost/a/b:1'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    [`quay.io/a:v1@${digest}`, `quay.io/a@${digest}`],
  ])('%s for a tag is %s', (text, full) => {
    expect(formatReference(parseLocal(text))).toBe(full);
  });

  it('knows a short name by its first component', () => {
    expect(['nginx', 'a/b', 'localhost/a', 'a.b/c', 'a:1/c'].map((name) => isShort(parseReference(name)))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
