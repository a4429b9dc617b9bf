/**
 * JSON of the store is untrusted: ids become paths, and another tool, a newer version or a broken disk may have
 * written anything. Nothing is repaired here; a file that cannot be understood is never written over.
 */
import { TspodError } from '../errors.ts';
import type { ContainerRecord, ImageRecord, LayerRecord, MountRecord } from './records.ts';

type Json = Record<string, unknown>;
type Check = (value: unknown) => boolean;
type Shape = { required: Record<string, Check>; optional: Record<string, Check> };

/** A parser of one record file: text to records. @throws CORRUPT_STORE naming the file and what is wrong. */
export type ParseRecords<T> = (text: string, path: string) => T[];

export const parseLayers: ParseRecords<LayerRecord> = (text, path) =>
  parseArray(text, path, {
    required: { id: isHexId },
    optional: {
      parent: isHexIdOrEmpty,
      names: isStrings,
      created: isString,
      'compressed-diff-digest': isString,
      'compressed-size': isNumber,
      'diff-digest': isString,
      'toc-digest': isString,
      'diff-size': isNumber,
      compression: isNumber,
      flags: isObject,
      'big-data-names': isStrings,
    },
  });

export const parseImages: ParseRecords<ImageRecord> = (text, path) =>
  parseArray(text, path, {
    required: { id: isHexId },
    optional: {
      digest: isString,
      names: isStrings,
      'names-history': isStrings,
      layer: isHexIdOrEmpty,
      'mapped-layers': isStrings,
      metadata: isString,
      'big-data-names': isStrings,
      'big-data-sizes': isObject,
      'big-data-digests': isObject,
      created: isString,
      flags: isObject,
    },
  });

export const parseContainers: ParseRecords<ContainerRecord> = (text, path) =>
  parseArray(text, path, {
    required: { id: isHexId, layer: isHexIdOrEmpty },
    optional: { names: isStrings, image: isString, metadata: isString, created: isString, flags: isObject },
  });

export const parseMounts: ParseRecords<MountRecord> = (text, path) =>
  parseArray(text, path, { required: { id: isHexId, path: isString, count: isNumber }, optional: {} });

/** True for 64 lower-case hex characters: the ids of layers, images and containers. */
export function isHexId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function parseArray<T>(text: string, path: string, shape: Shape): T[] {
  if (text === '') return [];
  const list = parseJson(text, path);
  if (list === null) return [];
  if (!Array.isArray(list)) throw corrupt(path, 'not a list of records');
  const required = Object.entries(shape.required);
  const optional = Object.entries(shape.optional);
  for (let index = 0; index < list.length; index++) {
    const record: unknown = list[index];
    if (!isRecord(record)) throw corrupt(path, `record ${index} is not an object`);
    const wrong = wrongKey(record, required, false) ?? wrongKey(record, optional, true);
    if (wrong !== null) throw corrupt(path, `record ${index} has no valid "${wrong}"`);
  }
  return list as T[];
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, cause instanceof Error ? cause.message : 'no JSON', cause);
  }
}

/** Go writes null for what is not set. */
function wrongKey(record: Json, checks: [string, Check][], isOptional: boolean): string | null {
  for (const [key, check] of checks) {
    const value = record[key];
    if (value === undefined && isOptional) continue;
    if (value === null && isOptional) delete record[key];
    else if (!check(value)) return key;
  }
  return null;
}

function corrupt(path: string, why: string, cause?: unknown): TspodError {
  const reason = why.replace(/[\x00-\x1f\x7f]+/g, ' ');
  return new TspodError('CORRUPT_STORE', `loading "${path}": ${reason}`, {
    cause,
    hint: 'nothing was changed; restore the file from a backup, or move the store away and start with a new one',
  });
}

function isHexIdOrEmpty(value: unknown): boolean {
  return value === '' || isHexId(value);
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every(isString);
}

function isObject(value: unknown): boolean {
  return isRecord(value);
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
