/**
 * A small world of network namespaces: a host (192.0.2.1) in which the engine runs, and an outside machine
 * (192.0.2.2) that knows nothing of container networks.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkAttachment, NetworkStatus, PortMapping } from '../../src/network/attachment.ts';
import type { Network } from '../../src/network/network.ts';
import { createNetns, removeNetns } from '../../src/system/netns.ts';
import { run, runAsync } from '../../src/system/spawn.ts';

const node = process.execPath;
const file = (name: string) => join(import.meta.dirname, name);

export interface ContainerWish {
  networks?: Record<string, NetworkAttachment>;
  ports?: Partial<PortMapping>[];
}

export interface Made {
  id: string;
  netns: string;
  ip: string;
  status: Record<string, NetworkStatus>;
}

export interface SetupResult {
  status: Record<string, NetworkStatus>;
  error?: string;
  code?: string;
}

export class World {
  readonly folder = mkdtempSync('/tmp/tspod-net-');
  readonly host = `${this.folder}/host`;
  readonly outside = `${this.folder}/outside`;
  readonly context = {
    paths: {
      networkConfigDir: `${this.folder}/conf`,
      networkRunDir: `${this.folder}/run`,
      netnsDir: this.folder,
    },
    conf: {} as Record<string, unknown>,
    helperDirs: [] as string[],
  };
  readonly #servers: ChildProcess[] = [];
  readonly #namespaces: string[] = [];
  #count = 0;

  constructor() {
    mkdirSync(`${this.folder}/conf`);
    for (const path of [this.host, this.outside]) {
      createNetns(path);
      this.#namespaces.push(path);
    }
    this.ip(this.host, `link add up0 type veth peer name up1 netns ${this.outside}`);
    this.ip(this.host, 'addr add 192.0.2.1/24 dev up0', 'addr add 2001:db8::1/64 dev up0 nodad', 'link set up0 up');
    this.ip(this.outside, 'addr add 192.0.2.2/24 dev up1', 'addr add 2001:db8::2/64 dev up1 nodad', 'link set up1 up');
  }

  /** Runs lines of `ip` in a namespace. */
  ip(netns: string, ...lines: string[]): void {
    const { status, stderr } = run({ file: 'ip', args: ['-batch', '-'], input: `${lines.join('\n')}\n`, netns });
    if (status !== 0) throw new Error(stderr);
  }

  /** Runs one operation of driver.ts in the host. */
  engine<T>(operation: string, options: unknown): T {
    const args = this.#driver(operation, options);
    const { stdout, stderr, status } = run({ file: node, args, netns: this.host, env: process.env });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  }

  setup<T = SetupResult>(id: string, wish: ContainerWish = {}): T {
    return this.engine('setup', this.#options(id, wish));
  }

  container(wish: ContainerWish = {}): Made {
    const id = `c${this.#count++}`;
    return this.#made(id, this.setup(id, wish));
  }

  #driver(operation: string, options: unknown): string[] {
    return ['--no-warnings', file('driver.ts'), operation, JSON.stringify({ context: this.context, options })];
  }

  #options(id: string, { networks = { podman: {} }, ports = [] }: ContainerWish) {
    return {
      containerId: id,
      containerName: id,
      hostname: id,
      netnsPath: `${this.folder}/${id}`,
      networks,
      ports: ports.map((port) => ({ hostIp: '', protocol: 'tcp', range: 1, ...port })),
    };
  }

  #made(id: string, { status, error }: SetupResult): Made {
    if (error) throw new Error(error);
    const netns = `${this.folder}/${id}`;
    this.#namespaces.push(netns);
    return { id, netns, ip: Object.values(status)[0]?.subnets[0]?.ipnet.replace(/\/.*/, '') ?? '', status };
  }

  /** Several at once, each by a process of its own. */
  containers(wishes: ContainerWish[]): Promise<Made[]> {
    const ids = wishes.map(() => `c${this.#count++}`);
    return Promise.all(
      wishes.map(async (wish, index) => {
        const id = ids[index] ?? '';
        const args = this.#driver('setup', this.#options(id, wish));
        const { stdout } = await runAsync({ file: node, args, netns: this.host, env: process.env });
        return this.#made(id, JSON.parse(stdout));
      }),
    );
  }

  remove({ id, netns }: Made): void {
    this.engine('teardown', { containerId: id, netnsPath: netns });
  }

  /** Puts a network's file where the engine finds it. */
  network(network: Partial<Network> & { name: string }): void {
    this.engine('save', {
      id: network.name.padEnd(64, '0'),
      driver: 'bridge',
      created: '2026-01-01T00:00:00Z',
      ipv6_enabled: false,
      internal: false,
      dns_enabled: false,
      ...network,
    });
  }

  /** Starts a server that answers with the address that it sees. */
  serve(netns: string, protocol: 'tcp' | 'udp', port: number): Promise<void> {
    const args = [`--net=${netns}`, node, '--no-warnings', file('peer.ts'), 'serve', protocol, String(port)];
    const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#servers.push(child);
    return new Promise((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`server ended with ${code}`)));
    });
  }

  /** What a client in `netns` hears: the address the server saw, or why it heard nothing. */
  ask(netns: string, protocol: 'tcp' | 'udp', host: string, port: number): string {
    const args = ['--no-warnings', file('peer.ts'), 'ask', protocol, host, String(port)];
    return run({ file: node, args, netns, env: process.env }).stdout;
  }

  nft(...args: string[]): string {
    return run({ file: 'nft', args, netns: this.host }).stdout;
  }

  close(): void {
    for (const server of this.#servers) server.kill();
    const shared = this.engine<string>('folder', {});
    for (const path of this.#namespaces.reverse()) if (existsSync(path)) removeNetns(path);
    if (shared.startsWith('/run/tspod/netns-')) rmSync(shared, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
