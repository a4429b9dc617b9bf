/** --network and what goes with it. */

import { isRootless } from '../../config/rootless.ts';
import type { NetworkAttachment, NetworkMode } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { isIP, isIPv4, isIPv6 } from './ip.ts';
import { cut } from './labels.ts';
import { joinedId } from './namespaces.ts';

export interface NetworkChoice {
  network: NetworkMode;
  networks: Record<string, NetworkAttachment>;
}

const modes = ['bridge', 'slirp4netns', 'pasta', 'pod', 'none', 'default', 'private', 'ns', 'container', 'host'];

export function buildNetwork(input: BuildInput): NetworkChoice {
  const { options, conf } = input;
  const given = options.network.length > 0 ? options.network : [conf.containers.netns || 'private'];
  const choice = firstNetwork(given[0] ?? '', input);
  for (const network of given.slice(1)) addNetwork(choice, network);
  addFlags(choice, input);
  return choice;
}

function firstNetwork(text: string, input: BuildInput): NetworkChoice {
  const [name, rest] = cutColon(text);
  const { defaultNetwork } = input.conf.network;
  const only = (network: NetworkMode): NetworkChoice => ({ network, networks: {} });
  if (text === '' || text === 'default' || text === 'private') return usual(input);
  if (name === 'bridge') return bridge({ [defaultNetwork]: rest === null ? {} : attachment(rest) });
  if (text === 'none' || text === 'host') return only({ mode: text });
  if (name === 'ns' && rest !== null) return only({ mode: 'path', path: rest });
  if (name === 'container' && rest !== null) return only({ mode: 'container', id: joinedId('net', rest, input) });
  if (name === 'slirp4netns' || name === 'pasta') return only({ mode: name, options: rest ? rest.split(',') : [] });
  if (rest === null) return bridge(Object.fromEntries(text.split(',').map((network) => [network, {}])));
  if (name === '') badArgument('network name cannot be empty');
  return bridge({ [name]: attachmentOf(name, rest) });
}

/** Users have no right to make a bridge on the host. */
function usual({ conf }: BuildInput): NetworkChoice {
  if (!isRootless()) return bridge({ [conf.network.defaultNetwork]: {} });
  const mode = conf.network.defaultRootlessNetworkCmd || 'slirp4netns';
  if (mode === 'pasta' || mode === 'slirp4netns') return { network: { mode, options: [] }, networks: {} };
  return badArgument(`invalid default_rootless_network_cmd option ${JSON.stringify(mode)}`);
}

function bridge(networks: Record<string, NetworkAttachment>): NetworkChoice {
  return { network: { mode: 'bridge' }, networks };
}

function addNetwork({ network, networks }: NetworkChoice, text: string): void {
  if (network.mode !== 'bridge') {
    badArgument(
      `cannot set multiple networks without bridge network mode, selected mode ${network.mode}: invalid argument`,
    );
  }
  const [name, rest] = cutColon(text);
  if (name === '') badArgument('network name cannot be empty: invalid argument');
  if (modes.includes(name)) {
    badArgument(`can only set extra network names, selected mode ${name} conflicts with bridge: invalid argument`);
  }
  networks[name] = rest === null ? {} : attachmentOf(name, rest);
}

function attachmentOf(name: string, text: string): NetworkAttachment {
  try {
    return attachment(text);
  } catch (cause) {
    return badArgument(`invalid option for network ${name}: ${(cause as Error).message}`, cause);
  }
}

/** `ip=…,mac=…,alias=…,interface_name=…`; anything else is the driver's. */
function attachment(text: string): NetworkAttachment {
  const result: NetworkAttachment = {};
  for (const option of text.split(',').filter(Boolean)) {
    const [name, value] = cut(option);
    if (name === 'ip' || name === 'ip6') {
      if (!isIP(value)) badArgument(`invalid ip address ${JSON.stringify(value)}`);
      result.staticIps = [...(result.staticIps ?? []), value];
    } else if (name === 'mac') {
      result.staticMac = checkMac(value);
    } else if (name === 'alias') {
      if (value === '') badArgument('alias cannot be empty');
      result.aliases = [...(result.aliases ?? []), value];
    } else if (name === 'interface_name') {
      if (value === '') badArgument('interface_name cannot be empty');
      result.interfaceName = value;
    } else {
      result.options = { ...result.options, [name]: value };
    }
  }
  return result;
}

/** --ip, --ip6, --mac-address and --network-alias. */
function addFlags(choice: NetworkChoice, { options }: BuildInput): void {
  const { networks } = choice;
  for (const [flag, ip, fits] of [
    ['ip', options.ip, isIPv4],
    ['ip6', options.ip6, isIPv6],
  ] as const) {
    if (!ip) continue;
    if (!fits(ip)) badArgument(`${JSON.stringify(ip)} is not an ip address`);
    const wishes = onlyNetwork(choice, flag);
    wishes.staticIps = [...(wishes.staticIps ?? []), ip];
  }
  if (options.macAddress) onlyNetwork(choice, 'mac-address').staticMac = checkMac(options.macAddress);
  if (options.networkAlias.length === 0) return;
  needBridge(choice, 'network-alias');
  for (const wishes of Object.values(networks)) wishes.aliases = [...options.networkAlias];
}

function onlyNetwork(choice: NetworkChoice, flag: string): NetworkAttachment {
  needBridge(choice, flag);
  const [only, ...more] = Object.values(choice.networks);
  if (!only || more.length > 0) badArgument(`--${flag} can only be set for a single network: invalid argument`);
  return only;
}

function needBridge({ network }: NetworkChoice, flag: string): void {
  if (network.mode === 'bridge') return;
  badArgument(`--${flag} can only be set when the network mode is bridge: invalid argument`);
}

function checkMac(text: string): string {
  if (/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return text.toLowerCase().replaceAll('-', ':');
  return badArgument(`address ${text}: invalid MAC address`);
}

function cutColon(text: string): [string, string | null] {
  const at = text.indexOf(':');
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}
