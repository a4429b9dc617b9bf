import { defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { orderedNetwork } from '../network/network.ts';
import { networkFilter } from '../network/network-filter.ts';
import { loadNetworks } from '../network/network-store.ts';
import { usedNetworks } from '../runtime/network-users.ts';
import { untilTime } from '../runtime/until.ts';
import { warner } from './for-each-container.ts';
import { NetworkRow } from './network-row.ts';

export default defineCommand({
  usage: 'ls [options]',
  describe: 'List networks',
  flags: {
    filter: {
      type: 'list',
      alias: 'f',
      describe: "Provide filter values (e.g. 'name=podman')",
      valueName: 'stringArray',
    },
    format: { type: 'string', describe: 'Pretty-print networks to JSON or using a Go template' },
    'no-trunc': { type: 'boolean', describe: 'Do not truncate the network ID' },
    noheading: { type: 'boolean', alias: 'n', describe: 'Do not print headers' },
    quiet: { type: 'boolean', alias: 'q', describe: 'display only names' },
  },
  examples: ['network list'],

  handler(args, context) {
    const { engine, stdout } = context;
    const dangling = args.filter.some((filter) => filter.startsWith('dangling='));
    const used = dangling ? usedNetworks(engine) : new Set<string>();
    const fits = networkFilter(args.filter, { used, until: untilTime });
    const networks = loadNetworks(engine.networkContext, warner(context)).filter(fits);
    if (args.quiet) return stdout(networks.map(({ name }) => `${name}\n`).join(''));
    const { format = '' } = args;
    if (isJson(format)) return stdout(`${printJson(networks.map(orderedNetwork), { indent: '     ' })}\n`);
    stdout(
      formatRows({
        rows: networks.map((network) => new NetworkRow(network, !args.noTrunc)),
        format,
        table: [
          ['NETWORK ID', 'ID'],
          ['NAME', 'Name'],
          ['DRIVER', 'Driver'],
        ],
        noHeading: args.noheading,
        name: 'list',
      }),
    );
  },
});
