/** The network of a container: its namespace, addresses and published ports. */
import { closeSync } from 'node:fs';
import type { Container, ContainerConfig, NetworkStatus } from './container.ts';
import type { RuntimeContext } from './context.ts';

export interface NetworkUp {
  /** Path of the network namespace made here, null when the runtime makes or joins one. */
  netns: string | null;
  networks: Record<string, NetworkStatus>;
}

/** Listening sockets that hold the published ports, for the monitor to inherit. PORT_IN_USE */
export async function reservePorts(config: ContainerConfig): Promise<number[]> {
  if (config.network.mode !== 'bridge' || config.ports.length === 0) return [];
  const network = await import('../network/setup.ts');
  return network.reservePorts(config.ports);
}

/** Path of the network namespace that a container gets here: known without looking it up, so that it can be freed. */
export function netnsPath(rt: RuntimeContext, id: string): string {
  return `${rt.paths.netnsDir}/tspod-${id.slice(0, 32)}`;
}

/** Makes namespace and network, all or nothing. NO_SUCH_NETWORK or NETWORK_FAILED. */
export async function networkUp(rt: RuntimeContext, config: ContainerConfig): Promise<NetworkUp> {
  if (config.network.mode !== 'bridge') return { netns: null, networks: {} };
  const [{ createNetns }, network] = await Promise.all([import('../system/netns.ts'), import('../network/setup.ts')]);
  const netns = netnsPath(rt, config.id);
  try {
    createNetns(netns);
    const networks = await network.setupNetworks(rt.networkContext, {
      containerId: config.id,
      containerName: config.name,
      netnsPath: netns,
      networks: config.networks,
      ports: config.ports,
      hostname: config.hostname,
    });
    return { netns, networks };
  } catch (error) {
    await freeNetns(netns);
    throw error;
  }
}

/** Takes the network down; what is already gone is no error. */
export async function networkDown(rt: RuntimeContext, { config, state }: Container): Promise<void> {
  if (config.pod) await (await import('./pod/hosts.ts')).removeFromHosts(rt, config);
  if (config.network.mode !== 'bridge') return;
  const netns = state.netns || netnsPath(rt, config.id);
  const { teardownNetworks } = await import('../network/setup.ts');
  const { networks } = state;
  await teardownNetworks(rt.networkContext, {
    containerId: config.id,
    netnsPath: netns,
    networks,
    ports: config.ports,
  });
  await freeNetns(netns);
}

/** The monitor has its own copies once it runs. */
export function closeAll(fds: number[]): void {
  for (const fd of fds) closeSync(fd);
}

async function freeNetns(path: string): Promise<void> {
  const { removeNetns } = await import('../system/netns.ts');
  removeNetns(path);
}
