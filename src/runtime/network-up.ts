/** The network of a container: its namespace, addresses and published ports. */
import { closeSync } from 'node:fs';
import { isRootless } from '../config/rootless.ts';
import type { Uplink } from '../network/uplink.ts';
import type { Container, ContainerConfig, NetworkStatus, PortMapping } from './container.ts';
import type { RuntimeContext } from './context.ts';

export interface NetworkUp {
  /** Path of the network namespace made here, null when the runtime makes or joins one. */
  netns: string | null;
  networks: Record<string, NetworkStatus>;
  /** What a program without rights on the host connects, null without one. */
  uplink: Uplink | null;
}

/** Modes for which a namespace is made here. */
const ownModes: readonly string[] = ['bridge', 'pasta', 'slirp4netns'];

/** Listening sockets that hold the published ports, for the monitor to inherit. PORT_IN_USE */
export async function reservePorts(config: ContainerConfig): Promise<number[]> {
  if (config.ports.length === 0) return [];
  if (isRootless()) (await import('../network/privileged-ports.ts')).checkPrivilegedPorts(config.ports);
  if (!ownModes.includes(config.network.mode)) return [];
  // A forwarder takes them for a user's bridges.
  if (config.network.mode === 'slirp4netns' || (config.network.mode === 'bridge' && isRootless())) return [];
  const fds = (await import('../network/ports.ts')).reservePorts(config.ports);
  if (config.network.mode === 'bridge') return fds;
  // pasta takes them itself, and older ones go on without those that they do not get.
  closeAll(fds);
  return [];
}

/** Path of the network namespace that a container gets here: known without looking it up, so that it can be freed. */
export function netnsPath(rt: RuntimeContext, id: string): string {
  return `${rt.paths.netnsDir}/tspod-${id.slice(0, 32)}`;
}

/** Makes namespace and network, all or nothing. NO_SUCH_NETWORK or NETWORK_FAILED. */
export async function networkUp(rt: RuntimeContext, config: ContainerConfig): Promise<NetworkUp> {
  if (!ownModes.includes(config.network.mode)) return { netns: null, networks: {}, uplink: null };
  const { createNetns } = await import('../system/netns.ts');
  const netns = netnsPath(rt, config.id);
  try {
    createNetns(netns);
    return { netns, ...(await connect(rt, config, netns)) };
  } catch (error) {
    await freeNetns(netns);
    throw error;
  }
}

async function connect(
  rt: RuntimeContext,
  config: ContainerConfig,
  netns: string,
): Promise<Pick<NetworkUp, 'networks' | 'uplink'>> {
  const { network, ports } = config;
  if (network.mode === 'pasta') {
    const { startPasta } = await import('../network/pasta.ts');
    const uplink = startPasta(rt.networkContext, { netnsPath: netns, ports, options: network.options });
    return { networks: {}, uplink };
  }
  if (network.mode === 'slirp4netns') return slirp(rt, netns, network.options, ports);
  if (rt.networkContext.userNetns === undefined || ports.length === 0) return plugIn(rt, config, netns, ports);
  const forwarder = await import('../network/forwarder.ts');
  const sockets = forwarder.takePorts(ports);
  try {
    const made = await plugIn(rt, config, netns, forwarder.forwardedPorts(ports));
    forwarder.startForwarder(rt.networkContext.userNetns, netns, ports, sockets);
    return made;
  } finally {
    closeAll(sockets);
  }
}

async function slirp(rt: RuntimeContext, netns: string, options: string[], ports: PortMapping[]) {
  const { startSlirp, stopSlirp } = await import('../network/slirp4netns.ts');
  const { startDirectForwarder, takePorts } = await import('../network/forwarder.ts');
  const sockets = takePorts(ports);
  try {
    const uplink = await startSlirp(rt.networkContext, netns, options);
    if (ports.length > 0) startDirectForwarder(netns, uplink.addresses[0] ?? '127.0.0.1', ports, sockets);
    return { networks: {}, uplink };
  } catch (error) {
    stopSlirp(netns);
    throw error;
  } finally {
    closeAll(sockets);
  }
}

async function plugIn(rt: RuntimeContext, config: ContainerConfig, netns: string, ports: PortMapping[]) {
  const { setupNetworks } = await import('../network/setup.ts');
  const networks = await setupNetworks(rt.networkContext, {
    containerId: config.id,
    containerName: config.name,
    netnsPath: netns,
    networks: config.networks,
    ports,
    hostname: config.hostname,
  });
  return { networks, uplink: await bridgesUplink(rt) };
}

/** What connects a user's bridges to the host. */
export async function bridgesUplink({ networkContext }: RuntimeContext): Promise<Uplink | null> {
  if (networkContext.userNetns === undefined) return null;
  return (await import('../network/user-netns.ts')).userUplink(networkContext);
}

/** Takes the network down; what is already gone is no error. */
export async function networkDown(rt: RuntimeContext, { config, state }: Container): Promise<void> {
  if (config.pod) await (await import('./pod/hosts.ts')).removeFromHosts(rt, config);
  if (!ownModes.includes(config.network.mode)) return;
  const netns = state.netns || netnsPath(rt, config.id);
  // pasta ends when the namespace has no name any more.
  if (config.network.mode === 'slirp4netns') (await import('../network/slirp4netns.ts')).stopSlirp(netns);
  if (config.network.mode !== 'bridge') return freeNetns(netns);
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
