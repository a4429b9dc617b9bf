import { existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetns, removeNetns } from '../../src/system/netns.ts';
import { bindPort } from '../../src/system/ports.ts';
import { run } from '../../src/system/spawn.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync('/tmp/tspod-netns-');
});
afterEach(() => {
  removeNetns(`${dir}/ns`);
  rmSync(dir, { recursive: true });
});

describe('network namespaces', () => {
  it('are made apart from ours with the loopback up', () => {
    const before = readlinkSync('/proc/self/ns/net');
    createNetns(`${dir}/ns`);
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(before);
    const { stdout } = run({ file: 'ip', args: ['-o', 'link'], netns: `${dir}/ns` });
    expect(stdout).toMatch(/^1: lo: <LOOPBACK,UP,LOWER_UP>/);
    expect(
      stdout
        .trim()
        .split('\n')
        .filter((line) => !line.includes('NONE') && !line.includes(' lo:')).length,
    ).toBe(0);
  });

  it('refuse a name that is taken, and vanish without an error twice', () => {
    createNetns(`${dir}/ns`);
    expect(() => createNetns(`${dir}/ns`)).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    removeNetns(`${dir}/ns`);
    removeNetns(`${dir}/ns`);
    expect(existsSync(`${dir}/ns`)).toBe(false);
  });
});

describe('bindPort', () => {
  it('keeps a port until its fd is closed', async () => {
    const { closeSync } = await import('node:fs');
    for (const [ip, protocol] of [
      ['127.0.0.1', 'tcp'],
      ['127.0.0.1', 'udp'],
      ['::1', 'tcp'],
    ] as const) {
      const fd = bindPort({ ip, port: 38471, protocol });
      expect(() => bindPort({ ip, port: 38471, protocol })).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
      closeSync(fd);
      closeSync(bindPort({ ip, port: 38471, protocol }));
    }
  });

  it('refuses an address that is none', () => {
    expect(() => bindPort({ ip: 'localhost', port: 1, protocol: 'tcp' })).toThrow('EINVAL');
  });
});
