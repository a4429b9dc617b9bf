/** JSON that decides about trust: what two readers could understand differently is refused. */

import { messageOf, TspodError } from '../../errors.ts';
import { parseBoundedJson } from '../../oci/bounded-json.ts';
import { repeatedKey } from '../../registry/json-keys.ts';

export type JsonObject = Record<string, unknown>;

/** A JSON object in which no key occurs twice. @throws TspodError CORRUPT_BLOB */
export function parseStrict(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = parseBoundedJson(text);
  } catch (error) {
    throw new TspodError('CORRUPT_BLOB', `${what}: ${messageOf(error).slice(0, 120)}`, { cause: error });
  }
  if (!isObject(value)) throw new TspodError('CORRUPT_BLOB', `${what}: JSON object expected`);
  const repeated = repeatedKey(text, true);
  if (repeated !== null) throw new TspodError('CORRUPT_BLOB', `${what}: Duplicate key ${JSON.stringify(repeated)}`);
  return value;
}

/** The object with these keys and no others. @throws TspodError CORRUPT_BLOB */
export function exactKeys(value: unknown, keys: readonly string[], what: string): JsonObject {
  if (!isObject(value)) throw new TspodError('CORRUPT_BLOB', `${what}: JSON object expected`);
  knownKeys(value, keys, what);
  const missing = keys.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) {
    throw new TspodError('CORRUPT_BLOB', `${what}: Key "${missing}" missing in a JSON object`);
  }
  return value;
}

/** @throws TspodError CORRUPT_BLOB for a key that is not in the list */
export function knownKeys(value: JsonObject, keys: readonly string[], what: string): void {
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new TspodError('CORRUPT_BLOB', `${what}: Unknown key ${JSON.stringify(unknown)}`);
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
