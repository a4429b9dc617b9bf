/** Removes a network's file, its bridge, and its part of the packet filter. */
import { TspodError } from '../errors.ts';
import { defaultNetworkName, type NetworkContext } from './context.ts';
import { withDefinitionLock } from './create-network.ts';
import { rebuildTable } from './firewall.ts';
import { changeLeases, forgetBridge } from './leases.ts';
import type { Network } from './network.ts';
import { deleteNetworkFile } from './network-store.ts';
import { ipBatch } from './programs.ts';
import { interfaceExists } from './sysctl.ts';
import { hasBridges } from './user-netns.ts';

/** BAD_ARGUMENT for the default network. That no container uses it is for the caller to check. */
export async function removeNetwork(context: NetworkContext, network: Network): Promise<void> {
  if (network.name === defaultNetworkName(context)) {
    throw new TspodError('BAD_ARGUMENT', `default network ${network.name} cannot be removed`);
  }
  await withDefinitionLock(context, () => deleteNetworkFile(context, network.name));
  if (network.driver === 'bridge' && network.network_interface) await removeBridge(context, network.network_interface);
}

/** Another engine may have a container on a bridge of this name: then it stays. */
function removeBridge(context: NetworkContext, bridge: string): Promise<void> {
  return changeLeases(context, async (file) => {
    const attachments = Object.values(file.leases).flatMap((lease) => Object.values(lease.attachments));
    if (file.bridges[bridge] === undefined || attachments.some((each) => each.bridge === bridge)) return;
    forgetBridge(file, bridge);
    if (!hasBridges(context)) return;
    const { userNetns } = context;
    if (interfaceExists(bridge, userNetns)) await ipBatch([`link delete ${bridge}`], userNetns);
    await rebuildTable(context, file);
  });
}
