import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
let file: string;

beforeAll(() => {
  engine = newEngine();
  file = `${engine.dir}/content`;
  writeFileSync(file, 'top secret\n');
});
afterAll(() => engine.cleanup());

const index = () => JSON.parse(readFileSync(`${engine.root}/secrets/secrets.json`, 'utf8'));
const contents = () => JSON.parse(readFileSync(`${engine.root}/secrets/filedriver/secretsdata.json`, 'utf8'));

test('a secret is kept in the files of Podman, which only their owner may read', async () => {
  const id = await engine.ok('secret', 'create', '-l', 'a=b', 'first', file);
  expect(id).toMatch(/^[0-9a-f]{25}$/);
  expect(index().secrets[id]).toMatchObject({ name: 'first', driver: 'file', labels: { a: 'b' } });
  expect([index().nameToID, index().idToName]).toEqual([{ first: id }, { [id]: 'first' }]);
  expect(contents()).toEqual({ [id]: Buffer.from('top secret\n').toString('base64') });
  for (const name of ['secrets.json', 'filedriver/secretsdata.json']) {
    expect(statSync(`${engine.root}/secrets/${name}`).mode & 0o777).toBe(0o600);
  }
});

test('inspect shows the content only when asked, ls never', async () => {
  const id = await engine.ok('secret', 'inspect', '--format', '{{.ID}}', 'first');
  expect(await engine.ok('secret', 'inspect', id.slice(0, 8))).not.toContain('top secret');
  expect(await engine.ok('secret', 'inspect', '--showsecret', '--format', '{{.SecretData}}', 'first')).toContain(
    'top secret',
  );
  expect(await engine.ok('secret', 'ls', '--noheading', '--format', '{{.Name}} {{.Driver}}')).toBe('first file');
  expect(await engine.ok('secret', 'ls', '-q', '--filter', 'name=fir')).toBe(id);
  expect(await engine.ok('secret', 'ls', '-q', '--filter', 'name=other')).toBe('');
});

test('a name is taken once; --replace gives a new id and drops the old content, --ignore keeps it', async () => {
  const before = await engine.ok('secret', 'inspect', '--format', '{{.ID}}', 'first');
  const taken = await engine.tspod('secret', 'create', 'first', file);
  expect(taken).toMatchObject({ exitCode: 125, stderr: 'Error: first: secret name in use\n' });
  expect(await engine.ok('secret', 'create', '--ignore', 'first', file)).toBe(before);
  const run = await engine.run(['secret', 'create', '--replace', '--env', 'first', 'WORD'], { env: { WORD: 'new' } });
  expect(contents()).toEqual({ [run.stdout.trim()]: Buffer.from('new').toString('base64') });
});

test('names, sizes and drivers that cannot be are refused', async () => {
  writeFileSync(`${engine.dir}/large`, Buffer.alloc(512_000));
  const refusals: [string[], string][] = [
    [['a/b', file], 'invalid secret name'],
    [['a', '/dev/null'], 'secret data must be larger than 0 and less than 512000 bytes'],
    [['a', `${engine.dir}/large`], 'secret data must be larger than 0 and less than 512000 bytes'],
    [['--driver', 'pass', 'a', file], 'secret driver "pass" is not supported: only "file" is'],
    [['--env', 'a', 'NOT_SET_AT_ALL'], 'environment variable NOT_SET_AT_ALL is not set'],
  ];
  for (const [args, words] of refusals) {
    const { exitCode, stderr } = await engine.tspod('secret', 'create', ...args);
    expect([exitCode, stderr]).toEqual([125, expect.stringContaining(words)]);
  }
});

test('exists answers by its exit code, and rm removes record and content', async () => {
  expect((await engine.tspod('secret', 'exists', 'first')).exitCode).toBe(0);
  await engine.ok('secret', 'rm', 'first');
  expect([index().secrets, contents()]).toEqual([{}, {}]);
  expect((await engine.tspod('secret', 'exists', 'first')).exitCode).toBe(1);
  const missing = await engine.tspod('secret', 'rm', 'first');
  expect(missing.stderr).toBe('Error: no secret with name or id "first": no such secret\n');
  expect((await engine.tspod('secret', 'rm', '--ignore', 'first')).exitCode).toBe(0);
});
