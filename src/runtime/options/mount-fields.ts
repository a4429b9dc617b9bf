/** The fields of --mount that its types share. */
import { badArgument } from './bad-argument.ts';
import { splitOption } from './fields.ts';
import { checkDestination } from './mount-set.ts';

export interface MountFields {
  source: string;
  destination: string;
  subPath: string;
  options: string[];
}

type MountType = 'bind' | 'glob' | 'tmpfs' | 'ramfs' | 'volume';

interface Reading extends MountFields {
  type: MountType;
  seen: Set<string>;
}

interface Field {
  names: string[];
  /** Only for these types. */
  types?: MountType[];
  needsValue?: boolean;
  /** Fields of one group exclude each other, and say so as: cannot pass LABEL more than once. */
  once?: string;
  read(reading: Reading, name: string, value: string | undefined, token: string): void;
}

const propagations = ['shared', 'rshared', 'private', 'rprivate', 'slave', 'rslave', 'unbindable', 'runbindable'];

const fields: Field[] = [
  { names: ['bind-nonrecursive'], types: ['bind'], read: (reading) => push(reading, 'bind') },
  { names: ['bind-propagation'], types: ['bind'], needsValue: true, read: propagation },
  { names: ['consistency'], read: () => {} },
  { names: ['idmap'], read: (reading, _name, _value, token) => push(reading, token) },
  {
    names: ['readonly', 'ro', 'rw'],
    once: "'readonly', 'ro', or 'rw' mnt.Options",
    read: access,
  },
  { names: ['nodev', 'dev'], once: "'nodev' and 'dev' mnt.Options", read: push },
  { names: ['noexec', 'exec'], once: "'noexec' and 'exec' mnt.Options", read: push },
  { names: ['nosuid', 'suid'], once: "'nosuid' and 'suid' mnt.Options", read: push },
  { names: ['noswap'], once: "'noswap' mnt.Options", read: push },
  { names: ['relabel'], once: "'relabel' option", read: relabel },
  { names: [...propagations, 'Z', 'z', 'no-dereference'], read: push },
  {
    names: ['src', 'source'],
    types: ['bind', 'glob', 'ramfs', 'volume'],
    needsValue: true,
    once: 'source',
    read: source,
  },
  { names: ['subpath', 'volume-subpath'], needsValue: true, read: subPath },
  { names: ['target', 'dst', 'dest', 'destination'], needsValue: true, once: 'destination', read: destination },
  {
    names: ['tmpcopyup', 'notmpcopyup'],
    types: ['tmpfs'],
    once: "'tmpcopyup' and 'notmpcopyup' mnt.Options",
    read: push,
  },
  { names: ['tmpfs-mode'], types: ['tmpfs'], needsValue: true, read: (r, _n, value) => push(r, `mode=${value}`) },
  { names: ['tmpfs-size'], types: ['tmpfs'], needsValue: true, read: (r, _n, value) => push(r, `size=${value}`) },
  { names: ['U', 'chown'], once: "'U' or 'chown' option", read: ownership },
  { names: ['volume-label'], types: ['volume'], read: noVolumeLabel },
  { names: ['volume-opt'], types: ['volume'], read: (reading, _name, _value, token) => push(reading, token) },
];

const byName = new Map(fields.flatMap((field) => field.names.map((name) => [name, field])));

/** @throws BAD_ARGUMENT with Podman's words for what is unknown, doubled or does not belong to the type. */
export function readMountFields(type: MountType, tokens: string[]): MountFields {
  const reading: Reading = { type, seen: new Set(), source: '', destination: '', subPath: '', options: [] };
  for (const token of tokens) {
    const [name, value] = splitOption(token);
    const field = byName.get(name) ?? badArgument(`${name}: invalid mount option`);
    if (field.types && !field.types.includes(type)) {
      badArgument(`${JSON.stringify(name)} option not supported for ${JSON.stringify(type)} mount types`);
    }
    if (field.once !== undefined) {
      const label = field.once.includes("'") ? field.once : `${JSON.stringify(name)} option`;
      if (reading.seen.has(field.once)) {
        badArgument(`cannot pass ${label} more than once: must provide an argument for option`);
      }
      reading.seen.add(field.once);
    }
    if (field.needsValue && value === undefined) badArgument(`${name}: must provide an argument for option`);
    field.read(reading, name, value, token);
  }
  if (type !== 'glob' && reading.destination === '') badArgument('must set volume destination');
  return reading;
}

function push(reading: Reading, option: string): void {
  reading.options.push(option);
}

function propagation(reading: Reading, _name: string, value = '', token: string): void {
  if (!propagations.includes(value)) badArgument(`invalid value ${JSON.stringify(token)}`);
  push(reading, value);
}

/** `readonly=false` says what is the default; `rw=false` is `ro`. */
function access(reading: Reading, name: string, value = 'true'): void {
  const option = name === 'readonly' ? 'ro' : name;
  if (value.toLowerCase() === 'true') push(reading, option);
  else if (value.toLowerCase() === 'false' && option === 'rw') push(reading, 'ro');
}

function relabel(reading: Reading, name: string, value?: string): void {
  if (value === 'private') push(reading, 'Z');
  else if (value === 'shared') push(reading, 'z');
  else badArgument(`${name} mount option must be 'private' or 'shared': invalid mount option`);
}

function source(reading: Reading, _name: string, value = ''): void {
  if (value === '') badArgument('host directory cannot be empty: must provide an argument for option');
  reading.source = value;
}

function subPath(reading: Reading, name: string, value = ''): void {
  if (reading.type !== 'volume') badArgument(`cannot set option ${JSON.stringify(name)} on non-volume mounts`);
  reading.subPath = value;
}

function destination(reading: Reading, _name: string, value = ''): void {
  reading.destination = checkDestination(value);
}

function ownership(reading: Reading, _name: string, value = ''): void {
  const choice = value.toLowerCase();
  if (choice === '' || choice === 'true') push(reading, 'U');
  else if (choice !== 'false') {
    const words = `'U' or 'chown' must be set to true or false, instead received ${JSON.stringify(value)}`;
    badArgument(`${words}: must provide an argument for option`);
  }
}

function noVolumeLabel(): void {
  badArgument('the --volume-label option is not presently implemented');
}
