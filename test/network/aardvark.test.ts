import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dnsServerProgram } from '../../src/network/dns-server.ts';
import { run } from '../../src/system/spawn.ts';
import { World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const helperDirs = ['/usr/lib/podman', '/usr/libexec/podman', '/usr/local/lib/podman'];
const installed = dnsServerProgram({
  paths: { networkConfigDir: '', networkRunDir: '', netnsDir: '' },
  conf: {},
  helperDirs,
});

/** Asks the server on the bridge for an address record. */
function lookUp(netns: string, name: string): string {
  const script = `
    const { Resolver } = require('node:dns');
    const resolver = new Resolver({ timeout: 500, tries: 2 });
    resolver.setServers(['10.95.0.1']);
    resolver.resolve4(process.argv[1], (error, ips) => process.stdout.write(error ? error.code : ips.join()));`;
  return run({ file: process.execPath, args: ['-e', script, name], netns, env: process.env }).stdout;
}

test.skipIf(installed === null)(
  'containers of a network find each other by name and alias, and no longer after the end',
  async () => {
    world.context.helperDirs = helperDirs;
    world.network({ name: 'web', network_interface: 'web0', subnets: [{ subnet: '10.95.0.0/24' }], dns_enabled: true });
    const db = world.container({ networks: { web: { aliases: ['Store'] } } });
    const app = world.container({ networks: { web: {} } });
    expect(app.status['web']).toMatchObject({ dnsServers: ['10.95.0.1'], dnsSearchDomains: ['dns.podman'] });
    expect([lookUp(app.netns, db.id), lookUp(app.netns, 'store')]).toEqual([db.ip, db.ip]);
    const folder = `${world.engine<string>('folder', {})}/aardvark-dns`;
    const pid = Number(readFileSync(`${folder}/aardvark.pid`, 'utf8'));
    world.remove(db);
    expect(lookUp(app.netns, 'store')).not.toBe(db.ip);
    world.remove(app);
    // It ends by itself when nobody is left to be served.
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
  },
);

test('without the server a network works, and no server is named', () => {
  world.context.helperDirs = ['/nonexistent'];
  world.network({ name: 'web', network_interface: 'web0', subnets: [{ subnet: '10.95.0.0/24' }], dns_enabled: true });
  const { status } = world.container({ networks: { web: {} } });
  expect(status['web']).toMatchObject({ dnsServers: [], dnsSearchDomains: [] });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
