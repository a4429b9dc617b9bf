/** There are no pods yet: the list is empty. */
import { defineCommand } from '../cli/command.ts';
import { formatRows } from '../cli/format.ts';

export default defineCommand({
  usage: 'ps [options]',
  describe: 'List pods',
  hidden: true,
  flags: {
    'ctr-ids': {
      type: 'boolean',
      describe: 'Display the container UUIDs. If no-trunc is not set they will be truncated',
    },
    'ctr-names': { type: 'boolean', describe: 'Display the container names' },
    'ctr-status': { type: 'boolean', describe: 'Display the container status' },
    filter: { type: 'list', alias: 'f', describe: 'Filter output based on conditions given' },
    format: { type: 'string', describe: 'Pretty-print pods to JSON or using a Go template' },
    latest: { type: 'boolean', alias: 'l', describe: 'Act on the latest pod podman is aware of' },
    noheading: { type: 'boolean', describe: 'Do not print headers' },
    'no-trunc': { type: 'boolean', describe: 'Do not truncate pod and container IDs' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print the numeric IDs of the pods only' },
    sort: { type: 'string', default: 'created', describe: 'Sort output by created, id, name, or number' },
  },
  handler({ format, noheading, quiet }, { stdout }) {
    if (quiet) return;
    stdout(formatRows({ rows: [], format, table: COLUMNS, noHeading: noheading, name: 'ps' }));
  },
});

const COLUMNS = [
  ['POD ID', 'Id'],
  ['NAME', 'Name'],
  ['STATUS', 'Status'],
  ['CREATED', 'Created'],
  ['INFRA ID', 'InfraId'],
  ['# OF CONTAINERS', 'NumberOfContainers'],
] as const;
