/** -v [SOURCE:]PATH[:OPTIONS] */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import { badArgument } from './bad-argument.ts';
import { checkDestination, type MountRequest } from './mount-set.ts';
import { checkVolumeOptions } from './volume-options.ts';

/** A source with a slash or a dot in front is a folder or file of the host; others are names of volumes. */
export function parseVolume(text: string): MountRequest {
  const parts = text.split(':');
  if (parts.length > 3) {
    badArgument(`${text}: incorrect volume format, should be [host-dir:]ctr-dir[:option]`);
  }
  const [first = '', second, third] = parts;
  const options = third === undefined ? [] : checkVolumeOptions(third.split(','));
  if (second === undefined) return anonymousVolume(checkDestination(first));
  if (first === '') badArgument('host directory cannot be empty');
  const destination = checkDestination(second);
  if (!/^[/.]/.test(first)) return namedVolume(first, destination, options);
  const source = first.startsWith('./') ? resolve(realpathOf(first)) : resolve(first);
  if (options.includes('O')) return overlayVolume(source, destination, options);
  return { kind: 'mount', mount: { type: 'bind', source, destination, options } };
}

/** Its name is filled in when the container is made. */
export function anonymousVolume(destination: string, options: string[] = []): MountRequest {
  return { kind: 'volume', volume: { name: '', destination, options, anonymous: true } };
}

/** @throws BAD_ARGUMENT for a name that could not be a folder of the volume store. */
export function namedVolume(name: string, destination: string, options: string[], subPath = ''): MountRequest {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    badArgument(
      `creating named volume ${JSON.stringify(name)}: running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`,
    );
  }
  return { kind: 'volume', volume: { name, destination, options, anonymous: false, ...(subPath && { subPath }) } };
}

function overlayVolume(source: string, destination: string, options: string[]): MountRequest {
  const own = ['upperdir', 'workdir'].map((name) => options.some((option) => option.startsWith(name)));
  if (own[0] !== own[1]) badArgument('must set both `upperdir` and `workdir`');
  const allowed = (option: string) => option === 'O' || option === 'U' || /^(upperdir|workdir)=/.test(option);
  if (!options.every(allowed)) badArgument("can't use 'O' with other options");
  return { kind: 'overlay', overlay: { source, destination, options } };
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new TspodError('BAD_ARGUMENT', `lstat ${path}: no such file or directory`, { cause });
  }
}
