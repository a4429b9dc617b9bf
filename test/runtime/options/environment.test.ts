import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configOf, refusal } from './command-line.ts';

async function env(argv: string[], more = {}) {
  return (await configOf(argv, more)).env;
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

test('a container has PATH and the mark of a container, and what its image sets', async () => {
  expect(await env([])).toEqual([path, 'container=podman']);
  expect(await env([], { image: { Env: ['PATH=/opt/bin', 'A=1'] } })).toEqual([
    'PATH=/opt/bin',
    'container=podman',
    'A=1',
  ]);
});

test('--env takes values, names and prefixes of the host', async () => {
  const more = ['-e', 'A=b=c', '-eEMPTY=', '-e', 'SECRET', '-e', 'NOT_THERE', '-e', 'LC_*'];
  expect((await env(more)).slice(2)).toEqual(['A=b=c', 'EMPTY=', 'SECRET=of the host', 'LC_ONE=1', 'LC_TWO=2']);
  expect(await refusal(['-e', '=x'])).toBe('invalid variable: "=x"');
});

test('CVE-2026-57231: an image cannot read variables of the host', async () => {
  const message = 'env fields from image failed to parse: invalid variable: "SECRET"';
  expect(await refusal([], { image: { Env: ['SECRET'] } })).toBe(message);
  expect(await refusal([], { image: { Env: ['LC_*'] } })).toContain('invalid variable');
});

test('--env wins over --env-file, which wins over the image', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tspod-env-'));
  try {
    writeFileSync(join(dir, 'env'), '# comment\n  A=file\nB=file # not a comment\n\nSECRET\n');
    const image = { Env: ['A=image', 'C=image'] };
    const argv = ['--env-file', join(dir, 'env'), '-e', 'B=flag'];
    expect((await env(argv, { image })).slice(2)).toEqual(['A=file', 'C=image', 'B=flag', 'SECRET=of the host']);
    const missing = join(dir, 'missing');
    expect(await refusal(['--env-file', missing])).toBe(
      `parsing file "${missing}": open ${missing}: no such file or directory`,
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a terminal sets TERM unless the image does', async () => {
  expect(await env(['-t'])).toContain('TERM=xterm');
  expect(await env(['-t'], { image: { Env: ['TERM=vt100'] } })).toContain('TERM=vt100');
  expect((await env([])).join(' ')).not.toContain('TERM');
});

test('--unsetenv and --unsetenv-all take away defaults but not what is set on the command line', async () => {
  const image = { Env: ['A=1', 'B=2'] };
  expect(await env(['--unsetenv', 'A', '--unsetenv', 'PATH'], { image })).toEqual(['container=podman', 'B=2']);
  expect(await env(['--unsetenv-all', '-e', 'C=3'], { image })).toEqual(['C=3']);
});

test('--env-merge expands variables of the image', async () => {
  const image = { Env: ['A=x', 'E='] };
  const merged = async (word: string) => (await env(['--env-merge', word], { image })).at(-1);
  expect(await merged('A=${A}-y')).toContain('E='); // A keeps its place
  expect(await env(['--env-merge', 'A=${A}-y'], { image })).toContain('A=x-y');
  expect(await merged('N=$A:$NONE:${E:-d}:${A:+set}')).toBe('N=x::d:set');
  expect(await merged("N='$A'\\$A")).toBe('N=$A$A');
  expect(await refusal(['--env-merge', '$A'], { image })).toBe('missing `=` for --env-merge substitution $A');
  expect(await refusal(['--env-merge', 'A=${A'], { image })).toContain("missing ':' or '}'");
});

test('proxies of the host are passed on, the whole environment only when asked for', async () => {
  const host = { env: { http_proxy: 'p', NO_PROXY: 'n', OTHER: 'o' } };
  expect((await env([], { host })).slice(2)).toEqual(['http_proxy=p', 'NO_PROXY=n']);
  expect((await env(['--http-proxy=false'], { host })).slice(2)).toEqual([]);
  expect((await env(['--env-host'], { host })).slice(2)).toEqual(['http_proxy=p', 'NO_PROXY=n', 'OTHER=o']);
});
