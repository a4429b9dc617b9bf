/** A real docker-registry on a free loopback port, with its own storage folder. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Registry {
  /** `127.0.0.1:PORT` */
  host: string;
  url: string;
  dir: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  port?: number;
  /** Lines added to the registry's YAML, for example an auth section. */
  config?: string;
  tls?: { certificate: string; key: string };
}

export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const dir = mkdtempSync(join(tmpdir(), 'tspod-registry-'));
  const port = options.port ?? (await freePort());
  const tls = options.tls ? `, tls: {certificate: ${options.tls.certificate}, key: ${options.tls.key}}` : '';
  const storage = `storage: {filesystem: {rootdirectory: ${dir}/data}, delete: {enabled: true}}`;
  const yaml = `version: 0.1\nlog: {level: error}\n${storage}\nhttp: {addr: "127.0.0.1:${port}"${tls}}\n${options.config ?? ''}\n`;
  writeFileSync(join(dir, 'config.yml'), yaml);
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  await untilListening(port);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  return { host: `127.0.0.1:${port}`, url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`, dir, stop };
}

/** A TCP port of the loopback address that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export async function untilListening(port: number, host = '127.0.0.1', seconds = 15): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (await canConnect(port, host)) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`nothing listens on ${host}:${port}`);
}

function canConnect(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
