import type { CommandRow, CommandTable } from './command.ts';

export interface Found {
  row: CommandRow;
  /** The canonical words of the name it was found by: `container ls` gives `container list`. */
  path: string;
  /** All names within the same noun, the canonical one first, last words only. */
  names: string[];
}

/** The command with exactly this name. */
export function findCommand(table: CommandTable, path: string): Found | null {
  for (const row of table.rows) {
    if (!row[0].includes(path)) continue;
    const all = row[0].split('|');
    if (!all.includes(path)) continue;
    const noun = nounOf(path);
    const names = all.filter((name) => nounOf(name) === noun);
    return { row, path: names[0] ?? path, names: names.map(lastWord) };
  }
  return null;
}

/** `container` of `container ls`, '' of `ps`. */
export function nounOf(path: string): string {
  const space = path.lastIndexOf(' ');
  return space < 0 ? '' : path.slice(0, space);
}

export function lastWord(path: string): string {
  return path.slice(path.lastIndexOf(' ') + 1);
}

export interface Child {
  path: string;
  /** Undefined for a noun. */
  row?: CommandRow;
}

/** Words that may follow `noun` ('' for the program): canonical names of commands, and nouns. */
export function childrenOf(table: CommandTable, noun: string): Child[] {
  const children = new Map<string, Child>();
  for (const row of table.rows) {
    const path = row[0].split('|').find((name) => nounOf(name) === noun);
    if (path !== undefined) children.set(path, { path, row });
  }
  for (const path of Object.keys(table.nouns)) if (nounOf(path) === noun) children.set(path, { path });
  return [...children.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
