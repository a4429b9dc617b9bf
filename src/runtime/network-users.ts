/** Which containers use a network. */
import { defaultNetworkName } from '../network/context.ts';
import type { Connected } from '../network/inspect.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { currentContainers } from './sync.ts';

/** Containers that want the network, running or not. */
export function usersOfNetwork(rt: RuntimeContext, name: string): Container[] {
  return rt.state.list().filter(({ config }) => Object.hasOwn(config.networks, name));
}

/** Names of all networks that some container wants, and of the default one, which is never unused. */
export function usedNetworks(rt: RuntimeContext): Set<string> {
  const wanted = rt.state.list().flatMap(({ config }) => Object.keys(config.networks));
  return new Set([...wanted, defaultNetworkName(rt.networkContext)]);
}

/** Containers that are connected now. */
export async function connectedContainers(rt: RuntimeContext): Promise<Connected[]> {
  const containers = await currentContainers(rt);
  const running = containers.filter(({ state }) => state.status === 'running' || state.status === 'paused');
  return running.map(({ config, state }) => ({ id: config.id, name: config.name, networks: state.networks }));
}
