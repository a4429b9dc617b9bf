/** --volumes-from CONTAINER[:OPTIONS] */
import { messageOf, TspodError } from '../../errors.ts';
import type { Container } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import type { MountRequest } from './mount-set.ts';

/** The binds and volumes of the other container, with other options where some are given. */
export function volumesFrom(text: string, input: BuildInput): MountRequest[] {
  const at = text.indexOf(':');
  const name = at < 0 ? text : text.slice(0, at);
  const options = at < 0 ? null : checkOptions(text.slice(at + 1).split(','));
  const { config } = find(name, input);
  const binds = config.mounts.filter((mount) => mount.type === 'bind');
  return [
    ...binds.map((mount): MountRequest => ({ kind: 'mount', mount: { ...mount, options: options ?? mount.options } })),
    ...config.volumes.map((volume): MountRequest => {
      // Not anonymous: it belongs to the other container.
      return { kind: 'volume', volume: { ...volume, anonymous: false, options: options ?? volume.options } };
    }),
  ];
}

function checkOptions(options: string[]): string[] {
  const unknown = options.find((option) => !['z', 'ro', 'rw'].includes(option));
  if (unknown !== undefined) {
    const words = 'volumes from another container can only use z,ro,rw options';
    badArgument(`invalid option ${JSON.stringify(unknown)} specified - ${words}`);
  }
  if (options.filter((option) => option === 'z').length > 1)
    badArgument('cannot set :z more than once in mount options');
  if (options.filter((option) => option !== 'z').length > 1) badArgument('cannot set ro or rw options more than once');
  return options;
}

function find(name: string, input: BuildInput): Container {
  try {
    return input.findContainer(name);
  } catch (cause) {
    if (!(cause instanceof TspodError)) throw cause;
    const words = `looking up container ${JSON.stringify(name)} for volumes-from: ${messageOf(cause)}`;
    throw new TspodError(cause.code, words, { cause });
  }
}
