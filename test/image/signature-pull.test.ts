/** Pulls under a policy that asks for signatures: where they are looked for, and that a refused image leaves nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { sha256 } from '../fixtures/image.ts';
import { must } from '../helpers/exec.ts';
import { mirrorOf, newEngine, type TestEngine } from '../helpers/tspod.ts';
import { type GpgHome, gpgHome, payload, putLookaside } from './signature-setting.ts';

const registry = inject('registry');
const image = `${registry}/library/busybox:latest`;

let engine: TestEngine;
let gpg: GpgHome;
let key: string;
let digest: string;
let sigstore: string;

beforeAll(async () => {
  gpg = gpgHome();
  await gpg.newKey('signer@a.example');
  key = await gpg.publicKey('signer@a.example');
  const engineOfHome = newEngine({ registries: mirrorOf(registry) });
  engine = engineOfHome;
  const raw = await must('skopeo', ['inspect', '--tls-verify=false', `docker://${image}`]);
  digest = (JSON.parse(raw) as { Digest: string }).Digest;
  sigstore = join(engine.dir, 'sigstore');
});
afterAll(async () => {
  await engine.cleanup();
  await gpg.cleanup();
});
beforeEach(async () => {
  await engine.tspod('rmi', '--all', '--force');
});

const signedBy = () => [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: key }];

/** Runs `pull` under a policy and a registries.d of its own. */
function pull(requirements: object[], registriesD: string, name = image) {
  const home = join(engine.dir, 'home');
  mkdirSync(join(home, '.config/containers/registries.d'), { recursive: true });
  writeFileSync(join(home, '.config/containers/registries.d/test.yaml'), registriesD);
  const docker = { [registry]: requirements, 'docker.io': requirements };
  const policy = { default: [{ type: 'reject' }], transports: { docker } };
  writeFileSync(join(engine.dir, 'signed.json'), JSON.stringify(policy));
  const env = { HOME: home, XDG_CONFIG_HOME: undefined as unknown as string };
  return engine.run(['pull', '-q', '--signature-policy', join(engine.dir, 'signed.json'), name], { env });
}

async function expectNothingLeft() {
  expect(await engine.ok('images', '-aq')).toBe('');
  const folder = join(engine.root, 'overlay');
  const layers = (existsSync(folder) ? readdirSync(folder) : []).filter((entry) => /^[0-9a-f]{64}$/.test(entry));
  expect(layers).toEqual([]);
  expect(await engine.ok('system', 'check')).toBe('');
}

const lookaside = (url = `file://${sigstore}`) => `docker:\n  ${registry}:\n    lookaside: ${url}\n`;

it('an image without a signature is refused, and nothing of it stays', async () => {
  const { stderr, exitCode } = await pull(signedBy(), lookaside(`file://${engine.dir}/none`));
  expect(exitCode).toBe(125);
  expect(stderr).toMatch(/Source image rejected: A signature was required, but no signature exists$/m);
  await expectNothingLeft();
});

it('a signature in a folder lets the image in; under another name it does not', async () => {
  const good = await gpg.sign('signer@a.example', payload(digest, image));
  putLookaside(sigstore, 'library/busybox', digest, [good]);
  expect(await pull(signedBy(), lookaside())).toMatchObject({ exitCode: 0 });
  const wrong = await gpg.sign('signer@a.example', payload(digest, `${registry}/other:latest`));
  putLookaside(sigstore, 'library/busybox', digest, [wrong]);
  // Also for what is in the store already: the name would be a new one.
  expect(await pull(signedBy(), lookaside())).toMatchObject({ exitCode: 125 });
});

it('the old name "sigstore" and default-docker are read too', async () => {
  const good = await gpg.sign('signer@a.example', payload(digest, image));
  putLookaside(sigstore, 'library/busybox', digest, [good]);
  expect(await pull(signedBy(), `default-docker:\n  sigstore: file://${sigstore}\n`)).toMatchObject({ exitCode: 0 });
});

it('an image of a mirror has to be signed under its own name', async () => {
  const good = await gpg.sign('signer@a.example', payload(digest, 'docker.io/library/busybox:latest'));
  putLookaside(sigstore, 'library/busybox', digest, [good]);
  expect(await pull(signedBy(), lookaside(), 'docker.io/library/busybox')).toMatchObject({ exitCode: 0 });
  expect(await pull(signedBy(), lookaside())).toMatchObject({ exitCode: 125 });
});

it('what skopeo signs is accepted', async () => {
  const registriesD = join(engine.dir, 'registries.d');
  mkdirSync(registriesD, { recursive: true });
  writeFileSync(join(registriesD, 'a.yaml'), lookaside(`file://${engine.dir}/skopeo`));
  const target = `${registry}/signed/by-skopeo:1`;
  const tls = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  const sign = ['--sign-by', 'signer@a.example', '--insecure-policy', '--registries.d', registriesD];
  await must('skopeo', ['copy', ...sign, ...tls, `docker://${image}`, `docker://${target}`], { env: gpg.env });
  const result = await pull(signedBy(), lookaside(`file://${engine.dir}/skopeo`), target);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
});

it('a broken registries.d is an error with the name of the file', async () => {
  expect((await pull(signedBy(), 'docker: [1]\n')).stderr).toMatch(/parsing .*test\.yaml: a mapping is expected/);
  expect((await pull(signedBy(), 'docker: {a: {lookaside: 1}}\n')).stderr).toMatch(/"lookaside" is no text/);
});

describe('a lookaside server', () => {
  let server: Server;
  let answer: RequestListener;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is asked for one signature after the other until there is none', async () => {
    const good = await gpg.sign('signer@a.example', payload(digest, image));
    const wrong = await gpg.sign('signer@a.example', payload(digest, 'a.example/x:1'));
    const asked: string[] = [];
    answer = ({ url: path = '' }, response) => {
      asked.push(path);
      if (path.startsWith('/some/')) return response.writeHead(302, { location: path.replace('some', 'other') }).end();
      const body = { 1: wrong, 2: good }[path.at(-1) ?? ''];
      return body ? response.end(body) : response.writeHead(404).end();
    };
    expect(await pull(signedBy(), lookaside(url))).toMatchObject({ exitCode: 0 });
    const folder = `/some/folder/library/busybox@${digest.replace(':', '=')}`;
    expect(asked.filter((path) => path.startsWith('/some'))).toEqual([1, 2, 3].map((n) => `${folder}/signature-${n}`));
  });

  it.each<[string, RequestListener, RegExp]>([
    ['never ends its list', (_, response) => response.end(Buffer.from([0xa3, 0])), /provided 128 signatures/],
    ['sends a web page', (_, response) => response.end('<html>'), /unrecognized signature format/],
    ['sends nothing', (_, response) => response.end(), /empty signature blob/],
    ['fails', (_, response) => response.writeHead(500).end(), /status 500/],
    ['sends on and on', (_, response) => response.writeHead(302, { location: '/some' }).end(), /too many redirects/],
    [
      'sends to a file',
      (_, response) => response.writeHead(302, { location: 'file:///x' }).end(),
      /redirect to nowhere/,
    ],
    [
      'sends many long ones',
      (_, response) => response.end(Buffer.alloc(4_000_000, 0xa3)),
      /longer than 16777216 bytes/,
    ],
    ['sends too much', (_, response) => response.end(Buffer.alloc(5 * 1024 * 1024, 0xa3)), /longer than 4194304 bytes/],
  ])('that %s gets no image accepted', async (_, listener, reason) => {
    answer = listener;
    const { exitCode, stderr } = await pull(signedBy(), lookaside(url));
    expect(stderr).toMatch(reason);
    expect(exitCode).toBe(125);
    await expectNothingLeft();
  });
});

it('a rejected image is not even asked for', async () => {
  const { stderr, exitCode } = await pull([{ type: 'reject' }], '', `${registry}/no/such:1`);
  expect(exitCode).toBe(125);
  expect(stderr).toMatch(/Source image rejected: Running image docker:\/\/\S+ is rejected by policy$/m);
});

it('load obeys the policy for archives and folders', async () => {
  const folder = join(engine.dir, 'as-folder');
  const archive = join(engine.dir, 'as-archive.tar');
  const from = ['copy', '--insecure-policy', '--src-tls-verify=false', `docker://${image}`];
  await must('skopeo', [...from, `dir:${folder}`]);
  await must('skopeo', [...from, `docker-archive:${archive}:x:1`]);
  const policy = { default: [{ type: 'reject' }], transports: { dir: { [engine.dir]: signedBy() } } };
  const file = join(engine.dir, 'load.json');
  writeFileSync(file, JSON.stringify(policy));
  const load = (path: string) => engine.tspod('load', '-q', '--signature-policy', file, '-i', path);
  expect((await load(archive)).stderr).toMatch(/Running image docker-archive:\S+ is rejected by policy/);
  expect((await load(folder)).stderr).toMatch(/A signature was required, but no signature exists/);
  await expectNothingLeft();
  const exact = { type: 'exactReference', dockerReference: image };
  policy.transports.dir[engine.dir] = [{ ...signedBy()[0], signedIdentity: exact } as never];
  writeFileSync(file, JSON.stringify(policy));
  const own = sha256(readFileSync(join(folder, 'manifest.json')));
  writeFileSync(join(folder, 'signature-1'), await gpg.sign('signer@a.example', payload(own, image)));
  expect(await load(folder)).toMatchObject({ exitCode: 0 });
});

it('push obeys the policy for the store', async () => {
  await engine.pull('-q', image);
  const file = join(engine.dir, 'push.json');
  const scopes = { [`[overlay@${engine.root}]${registry}/library`]: [{ type: 'reject' }] };
  const policy = { default: [{ type: 'insecureAcceptAnything' }], transports: { 'containers-storage': scopes } };
  writeFileSync(file, JSON.stringify(policy));
  const push = ['push', '-q', '--signature-policy', file, image, `${registry}/pushed/under-policy:1`];
  expect((await engine.run(push)).stderr).toMatch(/Running image containers-storage:\S+ is rejected by policy$/m);
  await engine.ok('tag', image, 'localhost/free:1');
  expect(await engine.run(push.with(4, 'localhost/free:1'))).toMatchObject({ exitCode: 0 });
});
