import { networkByName } from '../../network/network-store.ts';
import type { Container, ContainerConfig, NetworkStatus, PortMapping } from '../container.ts';
import type { RuntimeContext } from '../context.ts';

interface HostPort {
  HostIp: string;
  HostPort: string;
}

/** NetworkSettings; a container in another one's network shows that one's. */
export function inspectNetwork(rt: RuntimeContext, { config, state }: Container): object {
  if (config.network.mode === 'container') {
    const owner = rt.state.get(config.network.id);
    if (owner) return inspectNetwork(rt, owner);
  }
  const names = Object.keys(config.networks);
  const only = names.length === 1 && names[0] === rt.conf.network.defaultNetwork ? names[0] : undefined;
  const key = state.netns || (config.network.mode === 'none' && state.pid > 0 ? `/proc/${state.pid}/ns/net` : '');
  return {
    ...basicFields(only ? state.networks[only] : undefined),
    Bridge: '',
    SandboxID: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    Ports: { ...portBindings(config.ports), ...exposedOnly(config) },
    SandboxKey: key,
    Networks: networksOf(rt, { config, state }),
  };
}

/** `80/tcp` to where it is published. */
export function portBindings(ports: PortMapping[]): Record<string, HostPort[]> {
  const bindings: Record<string, HostPort[]> = {};
  for (const { hostIp, hostPort, containerPort, protocol, range } of ports) {
    for (let index = 0; index < range; index++) {
      const binding = { HostIp: hostIp || '0.0.0.0', HostPort: String(hostPort + index) };
      const key = `${containerPort + index}/${protocol}`;
      bindings[key] = [...(bindings[key] ?? []), binding];
    }
  }
  return bindings;
}

function exposedOnly(config: ContainerConfig): Record<string, null> {
  if (config.network.mode === 'host') return {};
  const published = portBindings(config.ports);
  return Object.fromEntries(config.exposedPorts.filter((port) => !(port in published)).map((port) => [port, null]));
}

function networksOf(rt: RuntimeContext, { config, state }: Container) {
  const { mode } = config.network;
  if (mode === 'host' || mode === 'none') return { [mode]: networkFields(mode, undefined, undefined) };
  if (mode !== 'bridge') return {};
  const entries = Object.entries(config.networks).map(([name, wishes]) => {
    const id = networkByName(rt.networkContext, name)?.id ?? name;
    const names = [...(wishes.aliases ?? []), config.id.slice(0, 12), ...(config.hostnameSet ? [config.hostname] : [])];
    const aliases = [...new Set(names)];
    return [name, networkFields(id, state.networks[name], aliases)];
  });
  return Object.fromEntries(entries);
}

function networkFields(id: string, status: NetworkStatus | undefined, aliases: string[] | undefined) {
  return {
    ...basicFields(status),
    NetworkID: id,
    DriverOpts: null,
    IPAMConfig: null,
    Links: null,
    ...(aliases && aliases.length > 0 ? { Aliases: aliases } : {}),
  };
}

function basicFields(status: NetworkStatus | undefined) {
  const addresses = (status?.subnets ?? []).map(({ ipnet, gateway }) => {
    const [ip = '', length = '0'] = ipnet.split('/');
    return { ip, length: Number(length), gateway, v6: ip.includes(':') };
  });
  const [v4, ...moreV4] = addresses.filter(({ v6 }) => !v6);
  const [v6, ...moreV6] = addresses.filter((address) => address.v6);
  const others = (list: typeof moreV4) => list.map(({ ip, length }) => ({ Addr: ip, PrefixLength: length }));
  return {
    EndpointID: '',
    Gateway: v4?.gateway ?? '',
    IPAddress: v4?.ip ?? '',
    IPPrefixLen: v4?.length ?? 0,
    ...(moreV4.length > 0 ? { SecondaryIPAddresses: others(moreV4) } : {}),
    IPv6Gateway: v6?.gateway ?? '',
    GlobalIPv6Address: v6?.ip ?? '',
    GlobalIPv6PrefixLen: v6?.length ?? 0,
    ...(moreV6.length > 0 ? { SecondaryIPv6Addresses: others(moreV6) } : {}),
    MacAddress: status?.macAddress ?? '',
  };
}
