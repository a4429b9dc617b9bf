/** The manifest and the configuration of an image in the store: bytes of a stranger. */
import { TspodError } from '../errors.ts';
import { isDigest } from '../oci/digest.ts';
import type { ImageConfig, Manifest } from '../oci/image-spec.ts';
import type { ImageRecord } from './records.ts';

type Json = Record<string, unknown>;

/** The record of a list that `manifest create` made: it has no configuration and no layers. */
export function isManifestList({ 'big-data-names': names }: ImageRecord): boolean {
  return names?.includes('instances.json') ?? false;
}

/** @throws CORRUPT_STORE naming the image */
export function parseImageConfig(data: Buffer, image: string): ImageConfig {
  const config = parseObject(data, image, 'configuration');
  const rootfs = config['rootfs'];
  // Docker's first images, and artifacts, have no rootfs.
  if (rootfs === undefined || rootfs === null) config['rootfs'] = { type: 'layers', diff_ids: [] };
  else if (!isObject(rootfs) || !isListOf(rootfs['diff_ids'] ?? [], isDigest)) throw corrupt(image, 'rootfs');
  const exec = config['config'];
  if (exec === null) delete config['config'];
  else if (exec !== undefined && !isObject(exec)) throw corrupt(image, 'config');
  if (isObject(exec)) checkExec(exec, image);
  if (config['history'] === null) delete config['history'];
  else if (config['history'] !== undefined && !isListOf(config['history'], isObject)) throw corrupt(image, 'history');
  return config as unknown as ImageConfig;
}

/** @throws CORRUPT_STORE naming the image */
export function parseManifest(data: Buffer, image: string): Manifest {
  const manifest = parseObject(data, image, 'manifest');
  if (!isDescriptor(manifest['config'])) throw corrupt(image, 'manifest config');
  if (!isListOf(manifest['layers'], isDescriptor)) throw corrupt(image, 'manifest layers');
  return manifest as unknown as Manifest;
}

function checkExec(exec: Json, image: string): void {
  const lists = ['Env', 'Entrypoint', 'Cmd', 'OnBuild', 'Shell'];
  const maps = ['ExposedPorts', 'Volumes', 'Labels', 'Healthcheck'];
  const texts = ['User', 'WorkingDir', 'StopSignal'];
  const expectations: [string[], (value: unknown) => boolean][] = [
    [lists, (value) => isListOf(value, isString)],
    [maps, isObject],
    [texts, isString],
  ];
  for (const [keys, isRight] of expectations) {
    for (const key of keys) {
      if (exec[key] === null) delete exec[key];
      else if (exec[key] !== undefined && !isRight(exec[key])) throw corrupt(image, `config.${key}`);
    }
  }
}

function parseObject(data: Buffer, image: string, what: string): Json {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    if (isObject(value)) return value;
  } catch (cause) {
    throw corrupt(image, what, cause);
  }
  throw corrupt(image, what);
}

function isDescriptor(value: unknown): boolean {
  return isObject(value) && isDigest(value['digest']) && typeof value['size'] === 'number';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function isListOf(value: unknown, check: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(check);
}

function corrupt(image: string, what: string, cause?: unknown): TspodError {
  return new TspodError('CORRUPT_STORE', `image "${image}": its ${what} in the store cannot be read`, { cause });
}
