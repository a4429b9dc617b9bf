/** `network connect` and `disconnect`: networks of a container, whether it runs or not. */
import { TspodError } from '../errors.ts';
import type { NetworkAttachment, PortMapping } from '../network/attachment.ts';
import { findNetwork } from '../network/network-store.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { writeEtcFiles } from './etc-files.ts';
import { withContainer } from './locks.ts';
import { bridgesUplink } from './network-up.ts';

export interface ConnectRequest {
  /** Name or id. */
  container: string;
  /** Name or id. */
  network: string;
  attachment: NetworkAttachment;
}

/** Adds a network. BAD_ARGUMENT when the container's network mode has none, or when it has this one. */
export function connectContainer(rt: RuntimeContext, request: ConnectRequest): Promise<void> {
  const { name } = findNetwork(rt.networkContext, request.network);
  return withContainer(rt, rt.state.find(request.container).config.id, async (container) => {
    const { config } = container;
    checkMode(container);
    if (Object.hasOwn(config.networks, name)) {
      throw new TspodError(
        'BAD_ARGUMENT',
        `container ${config.id} is already connected to network "${name}": network is already connected`,
      );
    }
    const networks = { ...config.networks, [name]: request.attachment };
    if (runs(container)) await plug(rt, container, name, request.attachment);
    rt.state.saveConfig({ ...config, networks });
    note(rt, container, 'connect', name);
  });
}

/** Takes a network away. BAD_ARGUMENT when the container is not connected to it; `force` makes that no error. */
export function disconnectContainer(
  rt: RuntimeContext,
  nameOrId: string,
  network: string,
  force: boolean,
): Promise<void> {
  return withContainer(rt, rt.state.find(nameOrId).config.id, async (container) => {
    const { config, state } = container;
    checkMode(container);
    const name = Object.hasOwn(config.networks, network) ? network : findNetwork(rt.networkContext, network).name;
    const { [name]: gone, ...networks } = config.networks;
    if (!gone) {
      if (force) return;
      throw new TspodError('BAD_ARGUMENT', `container ${config.id} is not connected to network "${name}"`);
    }
    rt.state.saveConfig({ ...config, networks });
    note(rt, container, 'disconnect', name);
    if (!runs(container)) return;
    const { disconnectNetwork } = await import('../network/disconnect.ts');
    await disconnectNetwork(rt.networkContext, {
      containerId: config.id,
      netnsPath: state.netns,
      network: name,
      ports: await filteredPorts(rt, config.ports),
    });
    const { [name]: _, ...left } = state.networks;
    rt.state.saveState(config.id, { ...state, networks: left });
    await writeEtcFiles(rt, { ...config, networks }, left, await bridgesUplink(rt));
  });
}

/** Ports as the packet filter of the bridges has them. */
async function filteredPorts({ networkContext }: RuntimeContext, ports: PortMapping[]): Promise<PortMapping[]> {
  if (networkContext.userNetns === undefined) return ports;
  return (await import('../network/forwarder.ts')).forwardedPorts(ports);
}

function note(rt: RuntimeContext, { config }: Container, Status: string, network: string): void {
  rt.journal?.write({ ID: config.id, Name: config.name, network, Status, Type: 'network' });
}

async function plug(
  rt: RuntimeContext,
  { config, state }: Container,
  name: string,
  attachment: NetworkAttachment,
): Promise<void> {
  const { setupNetworks } = await import('../network/setup.ts');
  const made = await setupNetworks(rt.networkContext, {
    containerId: config.id,
    containerName: config.name,
    hostname: config.hostname,
    netnsPath: state.netns,
    networks: { [name]: attachment },
    ports: await filteredPorts(rt, config.ports),
    beside: true,
  });
  const networks = { ...state.networks, ...made };
  rt.state.saveState(config.id, { ...state, networks });
  await writeEtcFiles(rt, config, networks, await bridgesUplink(rt));
}

function runs({ state }: Container): boolean {
  return state.netns !== '' && ['initialized', 'running', 'paused'].includes(state.status);
}

function checkMode({ config }: Container): void {
  if (config.network.mode === 'bridge') return;
  throw new TspodError('BAD_ARGUMENT', `"${config.network.mode}" is not supported: invalid network mode`);
}
