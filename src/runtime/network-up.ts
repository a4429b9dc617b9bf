/** The network of a container: its namespace, addresses and published ports. */
import { closeSync } from 'node:fs';
import type { Container, ContainerConfig, NetworkStatus } from './container.ts';
import type { RuntimeContext } from './context.ts';

export interface NetworkUp {
  /** Path of the network namespace made here, null when the runtime makes or joins one. */
  netns: string | null;
  networks: Record<string, NetworkStatus>;
  /** Listening sockets that hold the published ports: the monitor inherits them. */
  portFds: number[];
}

/** Path of the network namespace that a container gets here: known without looking it up, so that it can be freed. */
export function netnsPath(rt: RuntimeContext, id: string): string {
  return `${rt.paths.netnsDir}/tspod-${id.slice(0, 32)}`;
}

/** Makes namespace and network, all or nothing. PORT_IN_USE, NO_SUCH_NETWORK or NETWORK_FAILED. */
export async function networkUp(rt: RuntimeContext, config: ContainerConfig): Promise<NetworkUp> {
  if (config.network.mode !== 'bridge') return { netns: null, networks: {}, portFds: [] };
  const [{ createNetns }, network] = await Promise.all([import('../system/netns.ts'), import('../network/setup.ts')]);
  const netns = netnsPath(rt, config.id);
  const portFds = config.ports.length > 0 ? network.reservePorts(config.ports) : [];
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
    return { netns, networks, portFds };
  } catch (error) {
    closeAll(portFds);
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
