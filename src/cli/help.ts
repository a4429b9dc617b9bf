import { loadContainersConf } from '../config/containers-conf.ts';
import type { AnyCommand } from './command.ts';
import type { Flag, Flags } from './flag.ts';
import { globalFlags } from './globals.ts';
import { type Child, childrenOf, type Found, lastWord } from './lookup.ts';
import type { Program, Words } from './program.ts';

/** Help of one command, in the layout that Podman gives to cobra. */
export function commandHelp(program: string, found: Found, command: AnyCommand): string {
  const path = `${program} ${found.path}`;
  const rest = command.usage.split(' ').slice(1).join(' ');
  const sections = [
    `${command.describe}\n\nDescription:\n  ${command.long ?? command.describe}\n`,
    `Usage:\n  ${`${path} ${rest}`.trimEnd()}\n`,
  ];
  if (found.names.length > 1) sections.push(`Aliases:\n  ${found.names.join(', ')}\n`);
  if (command.examples?.length) {
    const examples = command.examples.map((line) => `  ${program} ${line}`);
    sections.push(`Examples:\n${examples.join('\n')}\n`);
  }
  const options = flagLines(command.flags);
  if (options !== '') sections.push(`Options:\n${options}\n`);
  return `${sections.join('\n')}\n`;
}

type Named = Pick<Program, 'name' | 'table'>;
type Where = Pick<Words, 'path' | 'values'>;

/** Help of a word that groups commands; '' is the program itself. */
export async function nounHelp(program: Named, words: Where): Promise<string> {
  const noun = words.path;
  const path = `${program.name} ${noun}`.trimEnd();
  const describe = noun === '' ? 'Manage pods, containers and images' : (program.table.nouns[noun] ?? '');
  const head = noun === '' ? `${describe}\n` : `${describe}\n\nDescription:\n  ${describe}\n`;
  const usage = noun === '' ? `${path} [options] [command]` : `${path} [command]`;
  const sections = [
    head,
    `Usage:\n  ${usage}\n`,
    `Available Commands:\n${(await commandLines(program, noun)).join('\n')}\n`,
  ];
  if (noun === '') sections.push(`Options:\n${flagLines(rootFlagsFor(words))}\n`);
  return `${sections.join('\n')}\n`;
}

/** Without --remote where the line or the environment chose a service already, as Podman has it. */
function rootFlagsFor(words: Where): Flags {
  const chosen = words.values.has('url') || words.values.has('connection');
  const flags: Record<string, Flag> = { ...globalFlags, help: HELP };
  if (chosen || process.env['CONTAINER_HOST'] || process.env['CONTAINER_CONNECTION']) delete flags['remote'];
  return flags;
}

const HELP: Flag = { type: 'boolean', describe: 'Help for podman' };

/** `  name   description` of all that may follow `noun`, without hidden ones. */
async function commandLines(program: Named, noun: string): Promise<string[]> {
  const entries = await Promise.all(
    childrenOf(program.table, noun)
      .filter(hasChildren(program))
      .map(async ({ path, row }) => {
        const command = row ? (await row[1]()).default : undefined;
        return {
          word: lastWord(path),
          text: command?.describe ?? program.table.nouns[path] ?? '',
          hidden: command?.hidden,
        };
      }),
  );
  const shown = entries.filter((entry) => !entry.hidden);
  const width = Math.max(11, ...shown.map((entry) => entry.word.length));
  return shown.map((entry) => `  ${entry.word.padEnd(width)} ${entry.text}`);
}

/** Leaves out nouns of which no command is shown. */
function hasChildren(program: Named): (child: Child) => boolean {
  return (child) => child.row !== undefined || isShown(program, child.path);
}

function isShown({ table }: Named, noun: string): boolean {
  return table.nouns[noun] !== '' && childrenOf(table, noun).length > 0;
}

/** pflag's FlagUsages: names, value names, descriptions in one column, defaults. */
export function flagLines(flags: Flags): string {
  const shown = Object.entries(flags).filter(([, flag]) => !flag.hidden && flag.unsupported === undefined);
  const left = shown.map(
    ([name, flag]) => `${flag.alias ? `  -${flag.alias}, ` : '      '}--${name}${valuePart(flag)}`,
  );
  const width = Math.max(0, ...left.map((text) => text.length));
  const lines = shown
    .map(([name, flag], index) => ({
      name,
      text: `${(left[index] ?? '').padEnd(width)}   ${described(flag, width + 3)}`,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return lines.map((line) => line.text).join('\n');
}

const VALUE_NAMES = {
  string: 'string',
  number: 'int',
  list: 'stringArray',
  csv: 'strings',
  count: 'count',
  optional: 'string',
};

/** What follows a flag's name in help: ` string`, ` uint`; nothing for booleans. */
export function valuePart(flag: Flag): string {
  if (flag.type === 'boolean') return '';
  const name = flag.valueName ?? VALUE_NAMES[flag.type];
  if (flag.type !== 'optional') return ` ${name}`;
  return ` ${name}[="${flag.whenBare ?? ''}"]`;
}

function described(flag: Flag, indent: number): string {
  const text = flag.describe.replaceAll('\n', `\n${' '.repeat(indent)}`);
  return `${text}${defaultPart(flag)}`;
}

function defaultPart(flag: Flag): string {
  const value = flag.conf ? configured(flag.conf, flag.default) : flag.default;
  if (value === undefined || value === false || value === '' || value === 0) return '';
  if (typeof value === 'string') return ` (default ${JSON.stringify(value)})`;
  if (typeof value === 'object') return value.length === 0 ? '' : ` (default [${value.join(',')}])`;
  return ` (default ${value})`;
}

function configured(name: NonNullable<Flag['conf']>, fallback: Flag['default']): Flag['default'] {
  try {
    return loadContainersConf().engine[name];
  } catch {
    return fallback; // Help is given with a broken configuration too.
  }
}
