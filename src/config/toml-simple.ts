/**
 * The part of TOML that distributions ship in containers.conf and storage.conf: plain tables, strings without escapes,
 * integers, booleans and arrays of strings. Loading a whole TOML parser costs every call 5 ms; this costs nothing.
 */
import type { TomlTable, TomlValue } from './toml.ts';

/** The tables of `text`, or null for anything that is not surely understood: the real parser decides about it. */
export function parseSimpleToml(text: string): TomlTable | null {
  const root: TomlTable = {};
  let table = root;
  const reader = new Reader(text);
  while (!reader.atEnd()) {
    const header = reader.take(/\[([A-Za-z0-9_.-]+)\]/y);
    if (header?.[1]) {
      const opened = openTable(root, header[1]);
      if (!opened) return null;
      table = opened;
      continue;
    }
    const key = reader.take(/([A-Za-z0-9_-]+)[ \t]*=/y)?.[1];
    const value = key === undefined ? undefined : readValue(reader);
    if (key === undefined || value === undefined || key in table) return null;
    table[key] = value;
  }
  return root;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skipBlank();
    return this.#at >= this.#text.length;
  }

  /** The match of a sticky pattern after blanks and comments, or null. */
  take(pattern: RegExp): RegExpExecArray | null {
    this.#skipBlank();
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }

  #skipBlank(): void {
    const blank = /(?:\s+|#[^\n]*)*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#text)?.[0].length ?? 0;
  }
}

function openTable(root: TomlTable, path: string): TomlTable | null {
  let table = root;
  for (const name of path.split('.')) {
    const next = table[name] ?? {};
    if (
      name === '' ||
      name === '__proto__' ||
      typeof next !== 'object' ||
      Array.isArray(next) ||
      next instanceof Date
    ) {
      return null;
    }
    table[name] = next;
    table = next;
  }
  return table;
}

function readValue(reader: Reader): TomlValue | undefined {
  return reader.take(/\[/y) ? readArray(reader) : readScalar(reader);
}

function readArray(reader: Reader): TomlValue[] | undefined {
  const items: TomlValue[] = [];
  while (!reader.take(/\]/y)) {
    const item = readScalar(reader);
    if (item === undefined) return undefined;
    items.push(item);
    if (reader.take(/,/y)) continue;
    return reader.take(/\]/y) ? items : undefined;
  }
  return items;
}

/** A scalar must be the last thing on its line, or be followed by what goes on in an array. */
function readScalar(reader: Reader): string | number | boolean | undefined {
  const match = reader.take(
    /(?:"(?!"")([^"\\\n]*)"|'(?!'')([^'\n]*)'|(0|[1-9]\d{0,14})|(true|false))(?=[ \t]*(?:[\n,\]#]|$))/y,
  );
  if (!match) return undefined;
  const [, double, single, number, boolean] = match;
  if (number !== undefined) return Number(number);
  return boolean === undefined ? (double ?? single) : boolean === 'true';
}
