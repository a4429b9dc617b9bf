import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

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

const offline = ['--network', 'none'];

test('a container gets a secret as a file with the owner and mode that were asked for', async () => {
  const root = busyboxRoot(engine.dir);
  await engine.ok('secret', 'create', 'token', file);
  const flags = ['--secret', 'token', '--secret', 'token,target=/etc/key,uid=33,gid=33,mode=0400'];
  const script = 'cat /run/secrets/token /etc/key; busybox stat -c %a:%u:%g /run/secrets/token /etc/key';
  const run = await engine.ok('run', '--rm', ...offline, ...flags, '--rootfs', root, 'sh', '-c', script);
  expect(run).toBe('top secret\ntop secret\n444:0:0\n400:33:33');
  const other = ['--user', '33', '--secret', 'token,mode=0400', '--rootfs', root, 'cat', '/run/secrets/token'];
  expect((await engine.tspod('run', '--rm', ...offline, ...other)).stderr).toContain('Permission denied');
  expect(readFileSync(`${root}/etc/key`, 'utf8')).toBe('');
});

test('a variable from a secret is in the process and its exec sessions, and inspect hides it', async () => {
  const root = `${engine.dir}/busybox`;
  const env = ['--secret', 'token,type=env,target=KEY'];
  await engine.ok('run', '-d', '--name', 'web', ...offline, ...env, '--rootfs', root, 'sleep', '1000');
  expect(await engine.ok('exec', 'web', 'sh', '-c', 'echo $KEY')).toBe('top secret');
  const shown = await engine.ok('inspect', 'web');
  expect(shown).toContain('token=*******');
  expect(shown).not.toContain('top secret');
  expect(readFileSync(`${engine.root}/tspod/state.db`, 'latin1')).not.toContain('top secret');
});

test('a mounted secret stays what it was when the container was made', async () => {
  const root = `${engine.dir}/busybox`;
  const command = ['--rootfs', root, 'cat', '/run/secrets/token'];
  await engine.ok('create', '--name', 'kept', ...offline, '--secret', 'token', ...command);
  await engine.ok('secret', 'rm', 'token');
  expect(await engine.ok('start', '-a', 'kept')).toBe('top secret');
});

test('secrets that do not exist and options that make no sense are refused before anything is made', async () => {
  await engine.ok('secret', 'create', 'token', file);
  const refusals: [string, string][] = [
    ['none', 'no secret with name or id "none": no such secret'],
    ['token,type=other', 'type other is invalid: parsing secret'],
    ['token,mode=9', 'mode 9 invalid: parsing secret'],
    ['token,type=env,uid=1', 'UID, GID, Mode options cannot be set with secret type env: parsing secret'],
    ['token,colour=red', 'option colour=red invalid: parsing secret'],
  ];
  for (const [flag, words] of refusals) {
    const args = ['create', ...offline, '--secret', flag, '--rootfs', `${engine.dir}/busybox`, 'true'];
    expect(await engine.tspod(...args)).toMatchObject({ exitCode: 125, stderr: `Error: ${words}\n` });
  }
  expect(await engine.ok('ps', '-aq', '--filter', 'name=true')).toBe('');
});
