import { goJson } from '../json.ts';
import { compareFunctions } from './compare.ts';
import { sprintf } from './printf.ts';
import { formatValue, goType, holdsAnything, isTrue, memberName, sortedEntries } from './value.ts';

// biome-ignore lint/complexity/noBannedTypes: called with whatever the template gives
export type TemplateFunction = Function;

/** Go's built-in functions and the ones that Podman and Docker add. `and` and `or` are the evaluator's. */
export const builtins: Readonly<Record<string, TemplateFunction>> = {
  ...compareFunctions,
  and: () => undefined,
  or: () => undefined,
  not: (value: unknown) => !isTrue(value),
  len: length,
  index,
  slice,
  call: (fn: TemplateFunction, ...args: unknown[]): unknown => fn(...args),
  print,
  printf: (format: string, ...args: unknown[]) => sprintf(format, args),
  println: (...args: unknown[]) => `${args.map((value) => formatValue(value ?? null)).join(' ')}\n`,
  html: (...args: unknown[]) => print(...args).replace(/[&<>"'\0]/g, (letter) => HTML[letter] ?? letter),
  js: (...args: unknown[]) => print(...args).replace(/[\\'"<>&=\n\r\t]/g, (letter) => JS[letter] ?? letter),
  urlquery: (...args: unknown[]) =>
    encodeURIComponent(print(...args))
      .replaceAll('%20', '+')
      .replace(/[!'()*]/g, percent),
  join: (items: unknown[] | null, separator: string) => (items ?? []).map((item) => formatValue(item)).join(separator),
  json: (value: unknown) => goJson(value),
  lower: (text: string) => String(text).toLowerCase(),
  upper: (text: string) => String(text).toUpperCase(),
  title: (text: string) =>
    String(text).replace(
      /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  split: (text: string, separator: string) => String(text).split(separator),
  pad: (text: string, before: number, after: number) =>
    text === '' ? '' : ' '.repeat(before) + text + ' '.repeat(after),
  truncate: (text: string, count: number) => text.slice(0, count),
};

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
};

const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
  '\n': '\\u000A',
  '\r': '\\u000D',
  '\t': '\\u0009',
};

function percent(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** fmt.Sprint: a space between operands when neither is a string. */
function print(...args: unknown[]): string {
  let text = '';
  args.forEach((value, position) => {
    const both = position > 0 && typeof value !== 'string' && typeof args[position - 1] !== 'string';
    text += `${both ? ' ' : ''}${formatValue(value ?? null)}`;
  });
  return text;
}

function length(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value === null || value === undefined) throw new Error('len of nil pointer');
  if (typeof value === 'object' && goType(value).startsWith('map[')) return Object.keys(value).length;
  throw new Error(`len of type ${goType(value)}`);
}

function index(value: unknown, ...keys: unknown[]): unknown {
  let item = value;
  for (const key of keys) item = indexOnce(item, key);
  return item;
}

function indexOnce(value: unknown, key: unknown): unknown {
  // A nil map of Go, most likely: its zero value.
  if (value === null || value === undefined) return '';
  if (Array.isArray(value) || typeof value === 'string') {
    if (typeof key !== 'number') throw new Error(`cannot index slice/array with type ${goType(key)}`);
    if (key < 0 || key >= value.length) throw new Error(`index out of range: ${key}`);
    return typeof value === 'string' ? value.charCodeAt(key) : value[key];
  }
  if (typeof value !== 'object' || !goType(value).startsWith('map['))
    throw new Error(`can't index item of type ${goType(value)}`);
  if (typeof key !== 'string') throw new Error(`value has type ${goType(key)}; should be string`);
  if (value instanceof Map) return value.get(key) ?? '';
  const name = Object.hasOwn(value, key) ? key : memberName(value, key);
  return name === undefined ? zeroLike(value) : (value as Record<string, unknown>)[name];
}

/** What Go gives for a key that a map has not: the zero value of the type that the others have. */
function zeroLike(map: object): unknown {
  if (holdsAnything(map)) return undefined;
  const sample = sortedEntries(map)[0]?.[1];
  if (typeof sample === 'number') return 0;
  if (typeof sample === 'boolean') return false;
  return sample === undefined || typeof sample === 'string' ? '' : null;
}

function slice(value: unknown, ...bounds: number[]): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) throw new Error(`can't slice item of type ${goType(value)}`);
  for (const bound of bounds) if (bound < 0 || bound > value.length) throw new Error(`index out of range: ${bound}`);
  return value.slice(...bounds.slice(0, 2));
}
