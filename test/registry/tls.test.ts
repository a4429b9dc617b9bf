import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Session } from '../../src/registry/session.ts';
import { must } from '../helpers/exec.ts';

let folder: string;
const servers: Server[] = [];
const sessions: Session[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-tls-'));
  await certificate('good', 'IP:127.0.0.1', '30');
  await certificate('other', 'DNS:other.example', '30');
  await certificate('old', 'IP:127.0.0.1', '-1');
});

afterAll(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A self-signed certificate in a folder of its own, as certs.d has it. */
async function certificate(name: string, altName: string, days: string): Promise<void> {
  const dir = join(folder, name);
  mkdirSync(dir);
  const from = days === '-1' ? ['-not_before', '20200101000000Z', '-not_after', '20200102000000Z'] : ['-days', days];
  const base = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=tests',
    '-addext',
    `subjectAltName=${altName}`,
  ];
  const files = ['-keyout', join(dir, 'ca.pem'), '-out', join(dir, 'ca.crt')];
  if (days !== '-1') return void (await must('openssl', [...base, ...from, ...files]));
  // OpenSSL 3.0 cannot set dates in `req`: `ca` can.
  const request = join(dir, 'r.csr');
  await must('openssl', [
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=tests',
    '-keyout',
    join(dir, 'ca.pem'),
    '-out',
    request,
  ]);
  const script =
    'cd "$1" && printf "[ca]\\ndefault_ca=d\\n[d]\\ndatabase=i\\nnew_certs_dir=.\\nserial=s\\npolicy=p\\ndefault_md=sha256\\nx509_extensions=e\\n[p]\\ncommonName=supplied\\n[e]\\nsubjectAltName=IP:127.0.0.1\\n" >c && : >i && echo 01 >s && openssl ca -batch -config c -selfsign -keyfile ca.pem -in r.csr -out ca.crt -startdate 20200101000000Z -enddate 20200102000000Z -notext';
  await must('sh', ['-c', script, 'sh', dir]);
}

async function serve(name: string, requestCert = false): Promise<string> {
  const key = readFileSync(join(folder, name, 'ca.pem'));
  const cert = readFileSync(join(folder, name, 'ca.crt'));
  const server = createServer(
    { key, cert, ca: cert, requestCert, rejectUnauthorized: requestCert },
    (_request, response) => {
      response.end('{}');
    },
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function ping(host: string, options: { insecure?: boolean; certDir?: string } = {}): Promise<number> {
  const session = new Session({ host, scope: '', credentials: null, retry: 0, insecure: false, ...options });
  sessions.push(session);
  const response = await session.send('/v2/');
  await response.body.dump();
  return response.status;
}

it('an unknown authority is refused in the words of Podman', async () => {
  const host = await serve('good');
  await expect(ping(host)).rejects.toThrow(
    `pinging container registry ${host}: Get "https://${host}/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  );
});

it('an authority of the folder for the registry is trusted', async () => {
  expect(await ping(await serve('good'), { certDir: join(folder, 'good') })).toBe(200);
});

it('a certificate for another name is refused', async () => {
  await expect(ping(await serve('other'), { certDir: join(folder, 'other') })).rejects.toThrow(
    'x509: certificate is not valid for',
  );
});

it('an expired certificate is refused', async () => {
  await expect(ping(await serve('old'), { certDir: join(folder, 'old') })).rejects.toThrow(
    'x509: certificate has expired or is not yet valid',
  );
});

it.each(['good', 'other', 'old'])('without verification the %s certificate will do', async (name) => {
  expect(await ping(await serve(name), { insecure: true })).toBe(200);
});

it('a client certificate is shown to a server that asks for it', async () => {
  const host = await serve('good', true);
  const dir = join(folder, 'client');
  mkdirSync(dir);
  await must('cp', [join(folder, 'good/ca.crt'), dir]);
  await must('cp', [join(folder, 'good/ca.crt'), join(dir, 'client.cert')]);
  await must('cp', [join(folder, 'good/ca.pem'), join(dir, 'client.key')]);
  expect(await ping(host, { certDir: dir })).toBe(200);
  await expect(ping(host, { certDir: join(folder, 'good') })).rejects.toThrow('pinging container registry');
});

it('a client certificate without its key is an error', async () => {
  const dir = join(folder, 'keyless');
  mkdirSync(dir);
  await must('cp', [join(folder, 'good/ca.crt'), join(dir, 'client.cert')]);
  await expect(ping(await serve('good'), { certDir: dir })).rejects.toThrow(
    'missing key client.key for client certificate',
  );
});
