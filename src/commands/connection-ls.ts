/** There is no remote mode, so no connections: the list is empty. */
import { defineCommand } from '../cli/command.ts';
import { formatRows } from '../cli/format.ts';

export default defineCommand({
  usage: 'list [options]',
  describe: 'List destination for the Podman service(s)',
  hidden: true,
  engineless: true,
  flags: {
    format: { type: 'string', alias: 'f', describe: 'Custom Go template for printing connections' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Custom Go template for printing connections' },
  },
  handler({ format, quiet }, { stdout }) {
    if (!quiet) stdout(formatRows({ rows: [], format, table: COLUMNS, name: 'list' }));
  },
});

const COLUMNS = [
  ['Name', 'Name'],
  ['URI', 'URI'],
  ['Identity', 'Identity'],
  ['Default', 'Default'],
  ['ReadWrite', 'ReadWrite'],
] as const;
