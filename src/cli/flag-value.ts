import { TspodError } from '../errors.ts';
import type { Flag } from './flag.ts';

/** What a flag collects while argv is read. */
export type FlagValue = boolean | number | string | string[] | undefined;

/**
 * Adds one value given on the command line to what is there: the last wins, lists grow.
 *
 * @param label as in messages: `-a, --all`
 * @throws BAD_ARGUMENT with the words of Go's strconv
 */
export function readValue(flag: Flag, label: string, text: string, before: FlagValue): FlagValue {
  try {
    if (flag.choices && !flag.choices.includes(text))
      throw new Error(`"${text}" is not a valid value. Choose from: ${choiceList(flag)}`);
    return convert(flag, text, before);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TspodError('BAD_ARGUMENT', `invalid argument ${goQuote(text)} for "${label}" flag: ${why}`);
  }
}

function choiceList(flag: Flag): string {
  return (flag.choices ?? []).map((choice) => `"${choice}"`).join(', ');
}

function convert(flag: Flag, text: string, before: FlagValue): FlagValue {
  switch (flag.type) {
    case 'boolean':
      return parseBool(text);
    case 'number':
      return parseNumber(text, flag.valueName ?? 'int');
    case 'count':
      return text === '+1' ? (typeof before === 'number' ? before : 0) + 1 : parseNumber(text, 'int');
    case 'list':
      return [...(Array.isArray(before) ? before : []), text];
    case 'csv':
      return [...(Array.isArray(before) ? before : []), ...splitCsv(text)];
    default:
      return text;
  }
}

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

function parseBool(text: string): boolean {
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`);
}

function parseNumber(text: string, kind: string): number {
  const float = kind.startsWith('float');
  const unsigned = kind.startsWith('uint');
  const pattern = float
    ? /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
    : unsigned
      ? /^(\d+|0x[\da-f]+)$/i
      : /^[+-]?(\d+|0x[\da-f]+)$/i;
  const name = float ? 'ParseFloat' : unsigned ? 'ParseUint' : 'ParseInt';
  if (!pattern.test(text)) throw new Error(`strconv.${name}: parsing ${goQuote(text)}: invalid syntax`);
  const value = text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
  if (Math.abs(value) > 2 ** (unsigned ? 64 : 63))
    throw new Error(`strconv.${name}: parsing ${goQuote(text)}: value out of range`);
  return value;
}

/** One line of RFC 4180, as pflag's stringSlice reads it. */
export function splitCsv(text: string): string[] {
  if (text === '') return [];
  if (!text.includes('"')) return text.split(',');
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = pattern.exec(text);
    if (!match) throw new Error(`parse error on line 1, column ${pattern.lastIndex + 1}: bare " in non-quoted-field`);
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
  }
}

/** Go's %q for the texts that occur here. */
export function goQuote(text: string): string {
  return JSON.stringify(text);
}
