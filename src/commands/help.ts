import { defineCommand } from '../cli/command.ts';
import { commandHelp, nounHelp } from '../cli/help.ts';
import { findCommand } from '../cli/lookup.ts';

export default defineCommand({
  usage: 'help [command]',
  describe: 'Help about any command',
  long: 'Help provides help for any command in the application.\n  Simply type help [path to command] for full details.',
  engineless: true,
  flags: {},
  operands: {},
  async handler({ operands }, context) {
    const path = operands.join(' ');
    const program = { name: context.program, table: context.table };
    const found = findCommand(context.table, path);
    if (found) context.stdout(commandHelp(context.program, found, (await found.row[1]()).default));
    else {
      const isNoun = path === '' || Object.hasOwn(context.table.nouns, path);
      if (!isNoun) context.stderr(`Unknown help topic [${operands.map((word) => `\`${word}\``).join(' ')}]\n`);
      context.stdout(await nounHelp(program, { path: isNoun ? path : '', values: new Map() }));
    }
  },
});
