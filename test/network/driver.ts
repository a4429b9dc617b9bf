/** Runs one network operation in the namespace it is started in: `node driver.ts OPERATION JSON`. */
import { leaseFolder, readLeases } from '../../src/network/leases.ts';
import { saveNetwork } from '../../src/network/network-store.ts';
import { reservePorts } from '../../src/network/ports.ts';
import { setupNetworks, teardownNetworks } from '../../src/network/setup.ts';
import { createNetns, removeNetns } from '../../src/system/netns.ts';

const [operation, json = '{}'] = process.argv.slice(2);
const { context, options } = JSON.parse(json);

const operations: Record<string, () => unknown> = {
  async setup() {
    reservePorts(options.ports);
    createNetns(options.netnsPath);
    try {
      return { status: await setupNetworks(context, options) };
    } catch (error) {
      removeNetns(options.netnsPath);
      throw error;
    }
  },
  async teardown() {
    await teardownNetworks(context, options);
    removeNetns(options.netnsPath);
  },
  save: () => saveNetwork(context, options),
  folder: () => leaseFolder(context),
  leases: () => readLeases(context),
};

try {
  process.stdout.write(JSON.stringify((await operations[operation ?? '']?.()) ?? null));
} catch (error) {
  const { code, message, hint } = error as Error & { code?: string; hint?: string };
  process.stdout.write(JSON.stringify({ error: message, code, hint }));
}
