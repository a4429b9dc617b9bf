import { type Args, defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { parseIp } from '../network/ip.ts';
import { connectContainer } from '../runtime/network-connect.ts';

const flags = {
  alias: { type: 'csv', describe: 'network scoped alias for container', valueName: 'strings' },
  ip: { type: 'string', describe: 'set a static ipv4 address for this container network', valueName: 'ip' },
  ip6: { type: 'string', describe: 'set a static ipv6 address for this container network', valueName: 'ip' },
  'mac-address': { type: 'string', describe: 'set a static mac address for this container network' },
} as const;

export default defineCommand({
  usage: 'connect [options] NETWORK CONTAINER',
  describe: 'Add container to a network',
  long: 'Add container to a network',
  flags,
  operands: { min: 2, max: 2, complete: 'networks' },
  examples: ['network connect web secondary'],

  async handler(args, { engine }) {
    const [network = '', container = ''] = args.operands;
    await connectContainer(engine, { network, container, attachment: attachmentOf(args) });
  },
});

function attachmentOf({ alias, ip, ip6, macAddress }: Args<typeof flags>) {
  const staticIps = [ip, ip6].filter((text) => text !== undefined);
  for (const text of staticIps) {
    if (!parseIp(text))
      throw new TspodError('BAD_ARGUMENT', `invalid argument "${text}": failed to parse IP: "${text}"`);
  }
  if (macAddress && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(macAddress)) {
    throw new TspodError('BAD_ARGUMENT', `address ${macAddress}: invalid MAC address`);
  }
  return {
    ...(staticIps.length > 0 ? { staticIps } : {}),
    ...(macAddress ? { staticMac: macAddress.toLowerCase().replaceAll('-', ':') } : {}),
    ...(alias.length > 0 ? { aliases: alias } : {}),
  };
}
