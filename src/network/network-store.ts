/**
 * Networks on disk: one JSON file each in Podman's folder. The default network exists without a file. Files that do
 * not parse are skipped, as Podman does, and reported through `onSkip`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { defaultNetworkName, type NetworkContext } from './context.ts';
import { DEFAULT_NETWORK_ID, NAME_PATTERN, type Network, orderedNetwork } from './network.ts';
import { normalizeSubnets } from './subnet.ts';

/** All networks, the default one included, in the order of their names. */
export function loadNetworks(context: NetworkContext, onSkip: (reason: string) => void = () => {}): Network[] {
  const folder = context.paths.networkConfigDir;
  const found = new Map<string, Network>();
  for (const file of networkFiles(folder)) {
    try {
      const network = readNetwork(`${folder}/${file}`);
      found.set(network.name, network);
    } catch (error) {
      onSkip(messageOf(error));
    }
  }
  const name = defaultNetworkName(context);
  if (!found.has(name)) found.set(name, makeDefaultNetwork(context));
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The network with this name; does not read the other files. Null when there is none. */
export function networkByName(context: NetworkContext, name: string): Network | null {
  if (!NAME_PATTERN.test(name)) return null;
  try {
    return readNetwork(`${context.paths.networkConfigDir}/${name}.json`);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
    return name === defaultNetworkName(context) ? makeDefaultNetwork(context) : null;
  }
}

/** The network with this name, id or unique beginning of an id. Throws NO_SUCH_NETWORK or AMBIGUOUS_NAME. */
export function findNetwork(context: NetworkContext, nameOrId: string): Network {
  const named = networkByName(context, nameOrId);
  if (named) return named;
  const matches = nameOrId === '' ? [] : loadNetworks(context).filter((network) => network.id.startsWith(nameOrId));
  if (matches.length > 1) throw new TspodError('AMBIGUOUS_NAME', `more than one result for network ID ${nameOrId}`);
  const [match] = matches;
  if (match) return match;
  throw new TspodError('NO_SUCH_NETWORK', `unable to find network with name or ID ${nameOrId}: network not found`);
}

export function saveNetwork(context: NetworkContext, network: Network): void {
  const folder = context.paths.networkConfigDir;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const text = `${JSON.stringify(orderedNetwork(network), null, 5)}\n`;
  writeFileAtomic(`${folder}/${network.name}.json`, text, { mode: 0o644 });
}

export function deleteNetworkFile(context: NetworkContext, name: string): void {
  rmSync(`${context.paths.networkConfigDir}/${name}.json`, { force: true });
}

function networkFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Throws BAD_CONFIG for a file that is not a network, and the errno error when it cannot be read. */
function readNetwork(path: string): Network {
  const network = parseNetwork(path, readFileSync(path, 'utf8'));
  const expected = path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
  if (network.name !== expected) {
    throw new TspodError('BAD_CONFIG', `network config name "${network.name}" does not match file name "${path}"`);
  }
  return network;
}

function parseNetwork(path: string, text: string): Network {
  const bad = (why: string) => new TspodError('BAD_CONFIG', `reading network config file "${path}": ${why}`);
  let raw: Partial<Network>;
  try {
    raw = JSON.parse(text) as Partial<Network>;
  } catch (error) {
    throw bad(messageOf(error));
  }
  if (typeof raw !== 'object' || raw === null) throw bad('not an object');
  if (typeof raw.name !== 'string' || !NAME_PATTERN.test(raw.name)) throw bad('invalid name');
  if (typeof raw.id !== 'string' || raw.id.length !== 64) throw bad(`invalid network ID "${raw.id}"`);
  const network: Network = {
    ...raw,
    name: raw.name,
    id: raw.id,
    driver: raw.driver ?? 'bridge',
    created: raw.created ?? '0001-01-01T00:00:00Z',
    ipv6_enabled: raw.ipv6_enabled ?? false,
    internal: raw.internal ?? false,
    dns_enabled: raw.dns_enabled ?? false,
  };
  return normalizeSubnets(network);
}

function makeDefaultNetwork(context: NetworkContext): Network {
  return normalizeSubnets({
    name: defaultNetworkName(context),
    id: DEFAULT_NETWORK_ID,
    driver: 'bridge',
    network_interface: 'podman0',
    created: new Date().toISOString(),
    subnets: [{ subnet: context.conf.defaultSubnet || '10.88.0.0/16' }],
    ipv6_enabled: false,
    internal: false,
    dns_enabled: false,
    ipam_options: { driver: 'host-local' },
  });
}
