import { type Args, defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { createNetwork } from '../network/create-network.ts';
import { addTo, formatCidr, formatIp, lastAddress, networkAddress, parseCidr, parseIp } from '../network/ip.ts';
import type { LeaseRange, Route, Subnet } from '../network/network.ts';
import { networkEvent } from '../runtime/events.ts';

const flags = {
  'disable-dns': { type: 'boolean', describe: 'disable dns plugin' },
  dns: { type: 'csv', describe: 'DNS servers this network will use', valueName: 'strings' },
  driver: { type: 'string', alias: 'd', default: 'bridge', describe: 'driver to manage the network' },
  gateway: { type: 'csv', describe: 'IPv4 or IPv6 gateway for the subnet', valueName: 'ipSlice' },
  ignore: { type: 'boolean', describe: "Don't fail if network already exists" },
  'interface-name': { type: 'string', describe: 'interface name which is used by the driver' },
  internal: { type: 'boolean', describe: 'restrict external access from this network' },
  'ip-range': { type: 'list', describe: 'allocate container IP from range', valueName: 'stringArray' },
  'ipam-driver': { type: 'string', describe: 'IP Address Management Driver' },
  ipv6: { type: 'boolean', describe: 'enable IPv6 networking' },
  label: { type: 'list', describe: 'set metadata on a network', valueName: 'stringArray' },
  macvlan: { type: 'string', hidden: true, describe: 'create a Macvlan connection based on this device' },
  opt: { type: 'list', alias: 'o', describe: 'Set driver specific options (default [])', valueName: 'stringArray' },
  route: { type: 'list', describe: 'static routes', valueName: 'stringArray' },
  subnet: { type: 'list', describe: 'subnets in CIDR format', valueName: 'stringArray' },
} as const;

export default defineCommand({
  usage: 'create [options] [NAME]',
  describe: 'Create networks for containers and pods',
  flags,
  operands: { max: 1 },
  examples: ['network create podman1'],

  async handler(args, { engine, stdout }) {
    const { parent, ...options } = pairs(args.opt);
    const isParent = args.driver === 'macvlan' || args.driver === 'ipvlan';
    const device = args.macvlan || (isParent && parent) || args.interfaceName;
    const network = await createNetwork(
      engine.networkContext,
      {
        name: args.operands[0] ?? '',
        driver: args.macvlan ? 'macvlan' : args.driver,
        options: !isParent && parent !== undefined ? { ...options, parent } : options,
        labels: pairs(args.label),
        ipv6_enabled: args.ipv6,
        dns_enabled: !args.disableDns,
        network_dns_servers: args.dns,
        internal: args.internal,
        subnets: subnets(args),
        routes: args.route.map(parseRoute),
        ...(device ? { network_interface: device } : {}),
        ...(args.given.has('ipam-driver') ? { ipam_options: { driver: args.ipamDriver ?? '' } } : {}),
      },
      args.ignore,
    );
    networkEvent(engine, 'create', network);
    stdout(`${network.name}\n`);
  },
});

/** `KEY=VALUE` each; a key alone has an empty value. */
function pairs(texts: string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key = '', value = ''] = text.split(/=(.*)/s);
      if (key === '') throw bad(`invalid label format: "${text}"`);
      return [key, value];
    }),
  );
}

/** The n-th range and gateway belong to the n-th subnet. */
function subnets({ subnet, ipRange, gateway }: Args<typeof flags>): Subnet[] {
  if (subnet.length === 0 && (ipRange.length > 0 || gateway.length > 0)) {
    throw bad('cannot set gateway or range without subnet');
  }
  if (ipRange.length > subnet.length) throw bad('cannot set more ranges than subnets');
  if (gateway.length > subnet.length) throw bad('cannot set more gateways than subnets');
  return subnet.map((text, index) => {
    const range = ipRange[index];
    const own = gateway[index];
    if (!parseCidr(text)) throw bad(`invalid CIDR address: ${text}`);
    if (own !== undefined && !parseIp(own)) throw bad(`invalid string being converted to IP address: ${own}`);
    return { subnet: text, ...(own ? { gateway: own } : {}), ...(range ? { lease_range: parseRange(range) } : {}) };
  });
}

/** `FIRST-LAST` or a subnet. */
function parseRange(text: string): LeaseRange {
  if (text.includes('-')) {
    const [start = '', end = ''] = text.split(/-(.*)/s);
    if (!parseIp(start)) throw bad(`range start ip "${start}" is not a ip address`);
    if (!parseIp(end)) throw bad(`range end ip "${end}" is not a ip address`);
    return { start_ip: start, end_ip: end };
  }
  const cidr = parseCidr(text);
  if (!cidr) throw bad(`invalid CIDR address: ${text}`);
  return { start_ip: formatIp(addTo(networkAddress(cidr), 1n)), end_ip: formatIp(lastAddress(cidr)) };
}

/** `DESTINATION,GATEWAY[,METRIC]` */
function parseRoute(text: string): Route {
  const [destination = '', gateway = '', metric, ...more] = text.split(',');
  if (gateway === '' || more.length > 0) {
    throw bad(`invalid route: ${text}\nFormat: --route <destination in CIDR>,<gateway>,<metric (optional)>`);
  }
  const cidr = parseCidr(destination);
  if (!cidr) throw bad(`invalid route destination ${destination}`);
  if (!parseIp(gateway)) throw bad(`invalid route gateway ${gateway}`);
  if (metric !== undefined && !/^\d+$/.test(metric)) throw bad(`invalid route metric ${metric}`);
  if (networkAddress(cidr).value !== cidr.ip.value) throw bad('route destination invalid');
  return { destination: formatCidr(cidr), gateway, ...(metric === undefined ? {} : { metric: Number(metric) }) };
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
