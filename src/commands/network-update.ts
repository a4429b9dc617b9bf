import { defineCommand } from '../cli/command.ts';
import { updateNetwork } from '../network/update-network.ts';

export default defineCommand({
  usage: 'update [options] NETWORK',
  describe: 'Update an existing podman network',
  long: 'Update an existing podman network',
  flags: {
    'dns-add': { type: 'csv', describe: 'add network level nameservers', valueName: 'strings' },
    'dns-drop': { type: 'csv', describe: 'remove network level nameservers', valueName: 'strings' },
  },
  operands: { min: 1, max: 1, complete: 'networks' },
  examples: ['network update podman1'],

  async handler({ dnsAdd, dnsDrop, operands }, { engine, stdout }) {
    const [name = ''] = operands;
    await updateNetwork(engine.networkContext, name, { addDnsServers: dnsAdd, removeDnsServers: dnsDrop });
    stdout(`${name}\n`);
  },
});
