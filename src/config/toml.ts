/** TOML files of the containers tools: read synchronously, and without loading a parser where there is nothing to parse. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { parseSimpleToml } from './toml-simple.ts';

export type TomlTable = { [key: string]: TomlValue };
export type TomlValue = string | number | bigint | boolean | Date | TomlValue[] | TomlTable;

/**
 * The tables of a TOML file; null when the file does not exist or sets nothing (only comments and headers, as the
 * distributions ship them).
 * @throws BAD_CONFIG when the file cannot be read or is no TOML.
 */
export function readToml(path: string): TomlTable | null {
  const text = readText(path);
  if (text === null || !setsAnything(text)) return null;
  return parseSimpleToml(text) ?? parseToml(text, path);
}

/** True when some line is neither empty, a comment nor a plain table header. */
export function setsAnything(text: string): boolean {
  return /^[ \t]*[^\s#[]/m.test(text) || /^[ \t]*\[(?![\w.-]+\][ \t]*(?:#.*)?\r?$)/m.test(text);
}

/** @throws BAD_CONFIG naming the file, the line and the column. */
export function parseToml(text: string, path: string): TomlTable {
  // `require`, since an engine's configuration is a lazy getter and cannot wait for an `import()`.
  const { parse } = createRequire(import.meta.url)('smol-toml') as { parse(text: string): TomlTable };
  try {
    return parse(text);
  } catch (cause) {
    const reason = messageOf(cause)
      .split('\n', 1)[0]
      ?.replace(/^Invalid TOML document: /, '');
    const { line, column } = cause as { line?: number; column?: number };
    throw new TspodError(
      'BAD_CONFIG',
      `decode configuration ${path}: toml: line ${line}, column ${column}: ${reason}`,
      {
        cause,
      },
    );
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return null;
    throw new TspodError('BAD_CONFIG', `reading configuration "${path}": ${messageOf(cause)}`, { cause });
  }
}
