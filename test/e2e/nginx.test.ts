/** The main job: `tspod run -d -p 80:80 nginx` and all that a first day brings. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { nginxPage } from '../fixtures/push.ts';
import { exec } from '../helpers/exec.ts';
import { leftovers, until } from '../helpers/leftovers.ts';
import { mirrorOf, newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = newEngine({ registries: mirrorOf(inject('registry')), netns: true });
  await engine.pull('nginx');
});
afterAll(() => engine.cleanup());

async function fetchPage(url: string): Promise<string> {
  const script = `fetch(${JSON.stringify(url)}).then((r) => r.text()).then((t) => process.stdout.write(t), () => { process.exitCode = 1; })`;
  return (await exec(...engine.inside(process.execPath, '-e', script))).stdout;
}

test('run -d -p publishes nginx, which answers on loopback and on the host address', async () => {
  const id = await engine.ok('run', '-d', '--name', 'web', '-p', '80:80', 'nginx');
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  await until('nginx answers', async () => (await fetchPage('http://127.0.0.1:80/')) === nginxPage);
  expect(await fetchPage('http://10.88.0.1:80/')).toBe(nginxPage);
  const address = await engine.ok('inspect', '--format', '{{.NetworkSettings.Networks.podman.IPAddress}}', 'web');
  expect(await fetchPage(`http://${address}:80/`)).toBe(nginxPage);
});

test('ps, images, port, logs, top and exec tell of it', async () => {
  const row = await engine.ok('ps', '--format', '{{.Names}}|{{.Image}}|{{.Ports}}|{{.Status}}');
  expect(row).toMatch(/^web\|docker\.io\/library\/nginx:latest\|0\.0\.0\.0:80->80\/tcp\|Up /);
  expect(await engine.ok('images', '--format', '{{.Repository}}:{{.Tag}}')).toBe('docker.io/library/nginx:latest');
  expect(await engine.ok('port', 'web')).toBe('80/tcp -> 0.0.0.0:80');
  expect(await engine.ok('logs', 'web')).toContain('GET / HTTP/1.1');
  expect(await engine.ok('top', 'web', 'comm')).toContain('nginx');
  expect(await engine.ok('exec', 'web', 'cat', '/etc/hostname')).toHaveLength(12);
});

test('stop, start, restart keep the published port', async () => {
  await engine.ok('stop', 'web');
  expect(await fetchPage('http://127.0.0.1:80/')).toBe('');
  await engine.ok('start', 'web');
  await until('nginx answers again', async () => (await fetchPage('http://127.0.0.1:80/')) === nginxPage);
  await engine.ok('restart', 'web');
  await until('nginx answers after the restart', async () => (await fetchPage('http://127.0.0.1:80/')) === nginxPage);
});

test('an image in use is kept, and goes with its container removed; nothing is left', async () => {
  const refused = await engine.tspod('rmi', 'nginx');
  expect(refused.exitCode).toBe(2);
  await engine.ok('rm', '-f', 'web');
  await engine.ok('rmi', 'nginx');
  expect(await engine.ok('ps', '-aq')).toBe('');
  expect(await engine.ok('images', '-q')).toBe('');
  await until('everything is gone', () => leftovers(engine.dir).length === 0);
  const links = await exec(...engine.inside('ip', '-br', 'link'));
  expect(links.stdout).not.toMatch(/veth/);
  const ports = await exec(...engine.inside('nft', 'list', 'map', 'inet', 'tspod', 'ports4'));
  expect(ports.stdout).not.toMatch(/elements/);
});
