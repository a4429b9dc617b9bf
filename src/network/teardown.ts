/** Gives a container's addresses and ports back. The caller drops the namespace, and with it go the interfaces. */
import type { PortMapping } from './attachment.ts';
import type { NetworkContext } from './context.ts';
import { withdrawNames } from './dns.ts';
import { deleteElements } from './firewall.ts';
import { changeLeases, type Lease, type LeaseFile } from './leases.ts';

export interface TeardownOptions {
  containerId: string;
  /** What the set-up returned, and the namespace: the leases know better, so these may be missing. */
  netnsPath?: string;
  networks?: Record<string, unknown>;
  ports?: PortMapping[];
}

/** Idempotent: what is gone already is no error. */
export async function teardownNetworks(context: NetworkContext, options: TeardownOptions): Promise<void> {
  const lease = await changeLeases(context, (file) => release(context, file, options));
  if (lease) await withdrawNames(context, options.containerId, lease);
}

async function release(
  context: NetworkContext,
  file: LeaseFile,
  { containerId }: TeardownOptions,
): Promise<Lease | null> {
  const lease = file.leases[containerId];
  if (!lease) return null;
  delete file.leases[containerId];
  if (context.userNetns !== undefined && Object.keys(file.leases).length === 0) {
    (await import('./user-netns.ts')).closeUserNetns(context);
    file.bridges = {};
  } else {
    await deleteElements(context, file, lease.elements);
  }
  return lease;
}
