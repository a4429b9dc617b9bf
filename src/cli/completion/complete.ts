/**
 * What the shell offers next, in cobra's protocol (`__complete`, which the completion scripts of cobra and ours call):
 * candidates, one a line with a tab and a description, then `:` and the sum of the directives.
 */
import { parseArgv } from '../argv.ts';
import type { AnyCommand, CommandTable } from '../command.ts';
import type { Flag, Flags } from '../flag.ts';
import { globalFlags, persistentFlags } from '../globals.ts';
import { childrenOf, type Found, findCommand, lastWord } from '../lookup.ts';
import { completeOperand } from './operand.ts';
import { type Candidate, type Completions, DEFAULT, type Names, NO_FILES } from './protocol.ts';
import { completeValue } from './value.ts';

/** @param words what follows the program's name; the last one is being typed */
export async function complete(table: CommandTable, words: readonly string[], names: Names): Promise<Completions> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const target = locate(table, before);
  if (!target) return { candidates: [], directive: DEFAULT };
  if (!target.found) return atNoun(table, target, current);
  const command = (await target.found.row[1]()).default;
  return startingWith(current, inCommand(command, target.found, target.rest, current, names));
}

interface Located {
  path: string;
  found: Found | null;
  /** Words after the command's name, or after the noun's: then only flags. */
  rest: string[];
}

/** Follows nouns to a command; null when a word is neither. */
function locate(table: CommandTable, words: readonly string[]): Located | null {
  let path = '';
  let rest = [...words];
  for (;;) {
    const flags = path === '' ? globalFlags : persistentFlags;
    const operands = operandsOf(rest, flags);
    const word = operands[0];
    if (word === undefined) return { path, found: null, rest };
    const next = `${path} ${word}`.trimStart();
    rest = operands.slice(1);
    const found = findCommand(table, next);
    if (found) return { path: next, found, rest };
    if (!Object.hasOwn(table.nouns, next)) return null;
    path = next;
  }
}

function operandsOf(words: readonly string[], flags: Flags): string[] {
  try {
    return parseArgv(words, [flags], true).operands;
  } catch {
    // The last flag still waits for its value.
    return [];
  }
}

async function atNoun(table: CommandTable, { path, rest }: Located, current: string): Promise<Completions> {
  const flags = path === '' ? globalFlags : persistentFlags;
  const waiting = waitingFlag(rest, [flags]);
  if (waiting) return startingWith(current, completeValue(waiting.name, waiting.flag, '', emptyNames));
  if (current.startsWith('-')) return startingWith(current, flagNames([flags], current, new Set()));
  const candidates = await Promise.all(
    childrenOf(table, path).map(async (child) => {
      const command = child.row ? (await child.row[1]()).default : undefined;
      const description = command?.describe ?? table.nouns[child.path] ?? '';
      return command?.hidden || (!command && description === '') ? [] : [{ text: lastWord(child.path), description }];
    }),
  );
  return startingWith(current, { candidates: candidates.flat(), directive: NO_FILES });
}

const emptyNames: Names = {
  containers: () => [],
  images: () => [],
  networks: () => [],
  pods: () => [],
  volumes: () => [],
  registries: () => [],
  sysctls: () => [],
  interfaces: () => [],
};

function inCommand(command: AnyCommand, found: Found, rest: string[], current: string, names: Names): Completions {
  const tables: Flags[] = [command.flags, persistentFlags];
  const dashes = rest.indexOf('--');
  const waiting = dashes < 0 ? waitingFlag(rest, tables) : null;
  if (waiting) return completeValue(waiting.name, waiting.flag, found.path, names, current);
  const settled = settle(rest, tables, command.passthrough ?? false);
  const flagsEnded = dashes >= 0 || (command.passthrough && settled.operands.length > 0);
  if (current.startsWith('-') && !flagsEnded) {
    const glued = /^--([^=]+)=/.exec(current)?.[1];
    const flag = glued === undefined ? undefined : tables.find((table) => Object.hasOwn(table, glued))?.[glued];
    if (glued === undefined || !flag) return flagNames(tables, current, settled.given);
    const value = current.slice(glued.length + 3);
    return withPrefix(value, completeValue(glued, flag, found.path, names, value));
  }
  return completeOperand(command, found.path, settled.operands, current, names);
}

/** The flag at the end of `words` whose value comes next. */
function waitingFlag(words: readonly string[], tables: readonly Flags[]): { name: string; flag: Flag } | null {
  const last = words.at(-1) ?? '';
  if (!last.startsWith('-') || last.includes('=') || last === '--') return null;
  for (const table of tables) {
    for (const [name, flag] of Object.entries(table)) {
      const matches =
        last === `--${name}` || (!last.startsWith('--') && flag.alias !== undefined && last.endsWith(flag.alias));
      if (matches && !['boolean', 'count', 'optional'].includes(flag.type)) return { name, flag };
      if (matches) return null;
    }
  }
  return null;
}

/** Operands and flags given so far; a line with mistakes counts as having none. */
function settle(rest: string[], tables: Flags[], passthrough: boolean): { operands: string[]; given: Set<string> } {
  try {
    const parsed = parseArgv(rest, tables, passthrough);
    return { operands: parsed.operands, given: new Set(parsed.values.keys()) };
  } catch {
    return { operands: [], given: new Set() };
  }
}

/** Flags that can still be given: lists again and again. Letters only after a single dash. */
function flagNames(tables: readonly Flags[], current: string, given: Set<string>): Completions {
  const candidates: Candidate[] = [];
  const flags = tables.slice(0, 1).flatMap((table) => Object.entries(table));
  for (const [name, flag] of flags.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const repeats = flag.type === 'list' || flag.type === 'csv';
    if (flag.hidden || flag.unsupported !== undefined || (given.has(name) && !repeats)) continue;
    const description = flag.describe.split('\n')[0] ?? '';
    candidates.push({ text: `--${name}`, description });
    if (flag.alias && current === '-') candidates.push({ text: `-${flag.alias}`, description });
  }
  candidates.push({ text: '--help', description: 'Print usage' });
  return { candidates, directive: NO_FILES };
}

function startingWith(prefix: string, { candidates, directive }: Completions): Completions {
  if (/^--[^=]+=/.test(prefix)) return { candidates, directive };
  return withPrefix(prefix, { candidates, directive });
}

function withPrefix(prefix: string, { candidates, directive }: Completions): Completions {
  return { candidates: candidates.filter(({ text }) => text.startsWith(prefix)), directive };
}
