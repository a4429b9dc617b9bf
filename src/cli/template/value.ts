/**
 * How Go sees a JavaScript value: which kind it is, how it prints, whether it is true.
 *
 * Go tells structs (unknown field: an error) from maps (unknown key: `<no value>`). An object is a struct when
 * `goStruct` named it, or when all its keys are capitalised like exported fields; a `Map` and all others are maps.
 */

const TYPE = Symbol('go type');
const NAMES = Symbol('go field names');

interface Marks {
  [TYPE]?: string;
  [NAMES]?: Readonly<Record<string, string>>;
}

/**
 * Names the Go type of an object, for messages, and the fields whose Go name is not the JSON key:
 * `goStruct(host, 'define.HostInfo', { OCIRuntime: 'ociRuntime' })`. Other keys are found without regard to case.
 */
export function goStruct<T extends object>(object: T, type: string, names: Readonly<Record<string, string>> = {}): T {
  Object.defineProperty(object, TYPE, { value: type });
  Object.defineProperty(object, NAMES, { value: names });
  return object;
}

/** `goStruct` for an object and all plain objects in it, without calling its getters before they are used. */
export function goStructs<T extends object>(object: T, type: string, names: Readonly<Record<string, string>> = {}): T {
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    const inner = `define.${key[0]?.toUpperCase()}${key.slice(1)}`;
    const { get, value } = descriptor;
    if (get) Object.defineProperty(object, key, { ...descriptor, get: () => markPlain(get.call(object), inner) });
    else markPlain(value, inner);
  }
  return goStruct(object, type, names);
}

function markPlain(value: unknown, type: string): unknown {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value) && !isInstance(value);
  return plain && (value as Marks)[TYPE] === undefined ? goStructs(value, type) : value;
}

/** The name of a value's type in error messages. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'function') return 'func()';
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? '[]string' : '[]interface {}';
  return (value as Marks)[TYPE] ?? 'map[string]interface {}';
}

export function isStruct(value: object): boolean {
  const type = (value as Marks)[TYPE];
  if (type !== undefined) return !type.startsWith('map[');
  if (value instanceof Map) return false;
  if (isInstance(value)) return true;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^[A-Z]/.test(key));
}

/** A map that `goStruct` marked as holding values of any type: a key that it has not gives nothing, not ''. */
export function holdsAnything(map: object): boolean {
  return (map as Marks)[TYPE] === 'map[string]interface {}';
}

/** An object of a class: its members may live on the prototype. */
function isInstance(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

/** The key of `object` that the Go name `name` stands for. */
export function memberName(object: object, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  if (isInstance(object) && name in object && !(name in Object.prototype)) return name;
  const names = (object as Marks)[NAMES] ?? {};
  if (Object.hasOwn(names, name)) return names[name];
  const lower = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === lower);
}

/** Go's truth: false for zero values and what is empty. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  if (typeof value === 'object' && value !== null) return isStruct(value) || Object.keys(value).length > 0;
  return Boolean(value);
}

/** Entries in the order that Go ranges over a map. */
export function sortedEntries(value: object): [string, unknown][] {
  const entries: [string, unknown][] =
    value instanceof Map ? [...value].map(([key, item]) => [String(key), item]) : Object.entries(value);
  return entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** fmt's %v. */
export function formatValue(value: unknown, plus = false): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (typeof value === 'number') return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, plus)).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  if (
    Object.getPrototypeOf(value) !== null &&
    value.toString !== Object.prototype.toString &&
    !(value instanceof Map)
  ) {
    return String(value);
  }
  if (!isStruct(value))
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${formatValue(item, plus)}`)
      .join(' ')}]`;
  const fields = Object.entries(value).map(([key, item]) => `${plus ? `${key}:` : ''}${formatValue(item, plus)}`);
  return `{${fields.join(' ')}}`;
}

/** %v of an integer or a float64. */
function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  return String(value)
    .replace(/e([+-])(\d)$/, 'e$10$2')
    .replace('Infinity', 'Inf');
}
