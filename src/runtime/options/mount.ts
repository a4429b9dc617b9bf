/** --mount type=…,src=…,dst=…,… */
import { globSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import type { BindMount } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import { splitFields, splitOption } from './fields.ts';
import { readMountFields } from './mount-fields.ts';
import { checkDestination, type MountRequest } from './mount-set.ts';
import { anonymousVolume, namedVolume } from './volume.ts';
import { checkVolumeOptions } from './volume-options.ts';

/** Several requests only for type=glob. */
export function parseMount(text: string): MountRequest[] {
  const fields = splitFields(text);
  const at = fields.findIndex((field) => /^type=[^=]*$/.test(field));
  const type = at < 0 ? 'volume' : (fields[at] ?? '').slice('type='.length);
  const tokens = fields.filter((_, index) => index !== at);
  switch (type) {
    case 'bind':
      return [bindMount(tokens)];
    case 'glob':
      return globMounts(tokens);
    case 'tmpfs':
    case 'ramfs':
      return [memoryMount(tokens, type)];
    case 'devpts':
      return [devptsMount(tokens)];
    case 'volume':
      return [volumeMount(tokens)];
    case 'image':
      return [imageMount(tokens)];
    default:
      return badArgument(`invalid filesystem type ${JSON.stringify(type)}`);
  }
}

function mountOf(mount: BindMount): MountRequest {
  return { kind: 'mount', mount };
}

function bindMount(tokens: string[]): MountRequest {
  const { source, destination, options } = readMountFields('bind', tokens);
  const from = resolve(source || destination);
  return mountOf({ type: 'bind', source: from, destination, options: checkVolumeOptions(options) });
}

function globMounts(tokens: string[]): MountRequest[] {
  const { source, destination, options } = readMountFields('glob', tokens);
  const paths = globSync(source).sort();
  if (paths.length === 0) badArgument(`no file paths matching glob ${JSON.stringify(source)}`);
  return paths.map((path) => {
    const from = resolve(path);
    const to = destination ? posix.join(destination, posix.basename(from)) : from;
    return mountOf({ type: 'bind', source: from, destination: to, options: checkVolumeOptions(options) });
  });
}

function memoryMount(tokens: string[], type: 'tmpfs' | 'ramfs'): MountRequest {
  const { destination, options } = readMountFields(type, tokens);
  return mountOf({ type, source: type, destination, options });
}

function volumeMount(tokens: string[]): MountRequest {
  const { source, destination, options, subPath } = readMountFields('volume', tokens);
  return source === '' ? anonymousVolume(destination, options) : namedVolume(source, destination, options, subPath);
}

const destinationNames = ['target', 'dst', 'dest', 'destination'];

function devptsMount(tokens: string[]): MountRequest {
  const options: string[] = [];
  let destination = '';
  for (const token of tokens) {
    const [name = '', value] = splitOption(token);
    if (destinationNames.includes(name)) destination = checkDestination(value ?? missingArgument(name));
    else if (['uid', 'gid', 'mode', 'ptmxmode', 'newinstance', 'max'].includes(name)) options.push(token);
    else badArgument(`${name}: invalid mount option`);
  }
  if (destination === '') badArgument('must set volume destination');
  return mountOf({ type: 'devpts', source: 'devpts', destination, options });
}

function imageMount(tokens: string[]): MountRequest {
  const image = { source: '', destination: '', readWrite: false, subPath: '' };
  for (const token of tokens) {
    const [name = '', value] = splitOption(token);
    if (name === 'consistency') continue;
    if (name === 'src' || name === 'source') image.source = value ?? missingArgument(name);
    else if (destinationNames.includes(name)) image.destination = checkDestination(value ?? missingArgument(name));
    else if (name === 'rw' || name === 'readwrite') image.readWrite = readWrite(value ?? '');
    else if (name === 'subpath') image.subPath = subPath(value ?? missingArgument(name));
    else badArgument(`${name}: invalid mount option`);
  }
  if (!image.source || !image.destination) badArgument('must set source and destination for image volume');
  return { kind: 'image', image };
}

function readWrite(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  return badArgument(`invalid rw value ${JSON.stringify(value)}: invalid mount option`);
}

function subPath(value: string): string {
  if (!value.startsWith('/')) badArgument(`volume subpath ${JSON.stringify(value)} must be an absolute path`);
  return value;
}

function missingArgument(name: string): never {
  return badArgument(`${name}: must provide an argument for option`);
}
