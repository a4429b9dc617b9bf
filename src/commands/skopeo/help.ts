/** Help in skopeo's layout. */
import type { Flags } from '../../cli/command.ts';
import { flagLines } from '../../cli/help.ts';
import type { SkopeoCommand } from './command.ts';
import { globalFlags } from './globals.ts';
import { rows } from './table.ts';

export function commandHelp(name: string, command: SkopeoCommand): string {
  const lines = [`${command.long ?? command.describe}\n`, `Usage:\nskopeo ${command.usage}\n`];
  if (command.example) lines.push(`Examples:\nskopeo ${command.example}\n`);
  lines.push(`Flags:\n${flagLines({ ...command.flags, ...help(name) })}\n`);
  return `${lines.join('\n')}\n`;
}

/** Help of the program itself. */
export async function programHelp(): Promise<string> {
  const width = Math.max(...rows.map(([name]) => name.length));
  const commands = await Promise.all(
    rows.map(async ([name, load]) => `  ${name.padEnd(width)} ${(await load()).default.describe}`),
  );
  return [
    'Various operations with container images and container image registries\n',
    'Usage:\n  skopeo [flags]\n  skopeo [command]\n',
    `Available Commands:\n${commands.join('\n')}\n`,
    `Flags:\n${flagLines({ ...globalFlags, ...help('skopeo') })}\n`,
    'Use "skopeo [command] --help" for more information about a command.\n',
  ].join('\n');
}

function help(name: string): Flags {
  return { help: { type: 'boolean', alias: 'h', describe: `help for ${name}` } };
}
