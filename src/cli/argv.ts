/**
 * argv as pflag reads it (github.com/spf13/pflag v1.0): clusters of letters, values glued or apart, the last one of a
 * repeated flag wins, `--` ends flags, and only booleans stand without a value.
 */
import { TspodError } from '../errors.ts';
import { camelCase, type Flag, type Flags } from './flag.ts';
import { type FlagValue, readValue } from './flag-value.ts';

export interface ParsedArgv {
  /** By kebab-case name; only what was given. */
  values: Map<string, FlagValue>;
  operands: string[];
  /** --help, or -h where no flag has that letter. */
  help: boolean;
  /** Index in argv of the first operand, argv.length without. */
  operandsAt: number;
}

/** Names that Podman accepts everywhere for the flag on the right. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  'dns-opt': 'dns-option',
  'healthcheck-command': 'health-cmd',
  'healthcheck-interval': 'health-interval',
  'healthcheck-retries': 'health-retries',
  'healthcheck-start-period': 'health-start-period',
  'healthcheck-timeout': 'health-timeout',
  net: 'network',
  namespace: 'ns',
  storage: 'external',
  notruncate: 'no-trunc',
  'override-arch': 'arch',
  'override-os': 'os',
  'override-variant': 'variant',
  timeout: 'time',
  'cni-config-dir': 'network-config-dir',
};

/**
 * Splits `argv` into flags and operands.
 *
 * @param tables looked up in this order: the command's flags, then the global ones
 * @param passthrough true: flags end at the first operand
 * @throws UNKNOWN_FLAG, BAD_ARGUMENT
 */
export function parseArgv(argv: readonly string[], tables: readonly Flags[], passthrough: boolean): ParsedArgv {
  const parser: Parser = { argv, tables, values: new Map(), operands: [], help: false, next: 0 };
  let operandsAt = argv.length;
  while (parser.next < argv.length) {
    const at = parser.next;
    const token = argv[parser.next++] ?? '';
    if (token === '--') {
      operandsAt = Math.min(operandsAt, at);
      parser.operands.push(...argv.slice(parser.next));
      break;
    }
    if (token.length > 1 && token.startsWith('-')) {
      if (token.startsWith('--')) readLong(parser, token);
      else readCluster(parser, token);
      continue;
    }
    operandsAt = Math.min(operandsAt, at);
    if (passthrough) {
      parser.operands.push(...argv.slice(at));
      break;
    }
    parser.operands.push(token);
  }
  return { values: parser.values, operands: parser.operands, help: parser.help, operandsAt };
}

interface Parser {
  readonly argv: readonly string[];
  readonly tables: readonly Flags[];
  readonly values: Map<string, FlagValue>;
  readonly operands: string[];
  help: boolean;
  next: number;
}

function readLong(parser: Parser, token: string): void {
  const equals = token.indexOf('=');
  const written = equals < 0 ? token.slice(2) : token.slice(2, equals);
  const value = equals < 0 ? undefined : token.slice(equals + 1);
  if (written === '' || written.startsWith('-')) throw new TspodError('BAD_ARGUMENT', `bad flag syntax: ${token}`);
  const found = findLong(parser.tables, written);
  if (!found && written === 'help') {
    parser.help = value === undefined || readValue({ type: 'boolean', describe: '' }, '--help', value, false) === true;
    return;
  }
  if (!found) throw new TspodError('UNKNOWN_FLAG', `unknown flag: --${written}`);
  const [name, flag] = found;
  store(parser, name, flag, value ?? valueAlone(flag) ?? nextToken(parser, `--${written}`));
}

function readCluster(parser: Parser, token: string): void {
  let letters = token.slice(1);
  while (letters !== '') {
    const letter = letters[0] ?? '';
    const found = findLetter(parser.tables, letter);
    if (!found && letter === 'h') {
      parser.help = true;
      return;
    }
    if (!found) throw new TspodError('UNKNOWN_FLAG', `unknown shorthand flag: '${letter}' in -${letters}`);
    const [name, flag] = found;
    const rest = letters.slice(1);
    const bare = valueAlone(flag);
    const glued = rest.length > 1 && rest.startsWith('=') ? rest.slice(1) : undefined;
    if (glued === undefined && bare !== undefined) {
      store(parser, name, flag, bare);
      letters = rest;
      continue;
    }
    store(parser, name, flag, glued ?? (rest === '' ? nextToken(parser, `'${letter}' in -${letters}`) : rest));
    return;
  }
}

function nextToken(parser: Parser, wanting: string): string {
  const token = parser.argv[parser.next++];
  if (token === undefined) throw new TspodError('BAD_ARGUMENT', `flag needs an argument: ${wanting}`);
  return token;
}

/** The value of a flag that stands without one; undefined when it needs one. */
function valueAlone(flag: Flag): string | undefined {
  if (flag.type === 'boolean') return 'true';
  if (flag.type === 'count') return '+1';
  return flag.type === 'optional' ? (flag.whenBare ?? '') : undefined;
}

function store(parser: Parser, name: string, flag: Flag, text: string): void {
  const label = flag.alias ? `-${flag.alias}, --${name}` : `--${name}`;
  parser.values.set(name, readValue(flag, label, text, parser.values.get(name)));
}

function findLong(tables: readonly Flags[], written: string): [string, Flag] | undefined {
  for (const name of [written, OLD_NAMES[written]]) {
    if (name === undefined) continue;
    for (const table of tables) {
      const flag = Object.hasOwn(table, name) ? table[name] : undefined;
      if (flag) return [name, flag];
      for (const key in table) {
        const aliased = table[key];
        if (aliased?.aliases?.includes(name)) return [key, aliased];
      }
    }
  }
  return undefined;
}

function findLetter(tables: readonly Flags[], letter: string): [string, Flag] | undefined {
  for (const table of tables) {
    for (const name in table) {
      const flag = table[name];
      if (flag?.alias === letter) return [name, flag];
    }
  }
  return undefined;
}

/** Adds defaults: the object that a handler receives. `values` may hold flags of other tables; they are left out. */
export function argsObject(flags: Flags, values: Map<string, FlagValue>, operands: string[]): Record<string, unknown> {
  const given = new Set<string>();
  const args: Record<string, unknown> = { operands, given };
  for (const name in flags) {
    const flag = flags[name];
    if (!flag) continue;
    if (values.has(name)) given.add(name);
    args[camelCase(name)] = values.has(name) ? values.get(name) : defaultOf(flag);
  }
  return args;
}

function defaultOf(flag: Flag): unknown {
  if (flag.default !== undefined) return Array.isArray(flag.default) ? [...flag.default] : flag.default;
  if (flag.type === 'boolean') return false;
  if (flag.type === 'count') return 0;
  return flag.type === 'list' || flag.type === 'csv' ? [] : undefined;
}

/** @throws UNSUPPORTED for a flag that Podman has and tspod has not */
export function refuseUnsupported(flags: Flags, values: Map<string, FlagValue>): void {
  for (const [name, value] of values) {
    const reason = Object.hasOwn(flags, name) ? flags[name]?.unsupported : undefined;
    if (reason !== undefined && value !== false)
      throw new TspodError('UNSUPPORTED', `unsupported flag: --${name}: ${reason}`);
  }
}
