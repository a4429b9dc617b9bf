import { defineFlags } from '../cli/command.ts';

/** Networks, ports and names. */
export const networkFlags = defineFlags({
  'add-host': { type: 'csv', describe: 'Add a line to /etc/hosts (NAME[;NAME...]:IP)' },
  dns: { type: 'csv', describe: 'Name server' },
  'dns-option': { type: 'csv', aliases: ['dns-opt'], describe: 'Option of the resolver' },
  'dns-search': { type: 'csv', describe: 'Search domain of the resolver' },
  expose: { type: 'csv', describe: 'Expose a port or a range of ports' },
  hostname: { type: 'string', alias: 'h', describe: 'Host name of the container' },
  'hosts-file': { type: 'string', describe: 'File to start /etc/hosts from, or image or none', complete: 'files' },
  ip: { type: 'string', describe: 'IPv4 address' },
  ip6: { type: 'string', describe: 'IPv6 address' },
  'mac-address': { type: 'string', describe: 'MAC address' },
  network: {
    type: 'list',
    aliases: ['net'],
    describe: 'Connect to a network, or none, host, container:ID, ns:PATH',
    complete: 'networks',
  },
  'network-alias': { type: 'csv', describe: 'Further name in its networks' },
  'no-hostname': { type: 'boolean', describe: 'Leave /etc/hostname as it is in the image' },
  'no-hosts': { type: 'boolean', describe: 'Leave /etc/hosts as it is in the image' },
  publish: { type: 'csv', alias: 'p', describe: 'Publish a port ([[IP:][HOSTPORT]:]PORT[/PROTOCOL]) or a range' },
  'publish-all': { type: 'boolean', alias: 'P', describe: 'Publish all exposed ports on free ports of the host' },
});
