/** Mount options as users write them, to those of the runtime. */
import { TspodError } from '../../errors.ts';
import type { ProcessUser } from './user.ts';

const propagation = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared', 'unbindable', 'runbindable'];

/** Options of which only one may be given, with the words of the complaint. */
const exclusive: [names: string[], complaint: string][] = [
  [['exec', 'noexec'], "only one of 'noexec' and 'exec' can be used"],
  [['suid', 'nosuid'], "only one of 'nosuid' and 'suid' can be used"],
  [['dev', 'nodev'], "only one of 'nodev' and 'dev' can be used"],
  [['rw', 'ro'], "only one of 'rw' and 'ro' can be used"],
  [propagation, 'only one root propagation mode can be used'],
  [['copy', 'nocopy'], "only one of 'nocopy' and 'copy' can be used"],
  [['z', 'Z'], "only one of 'z' and 'Z' can be used"],
  [['bind', 'rbind'], "only one of 'rbind' and 'bind' can be used"],
  [['size'], 'only one tmpfs size can be specified'],
  [['mode'], 'only one tmpfs mode can be specified'],
  [['tmpcopyup', 'notmpcopyup'], "the 'tmpcopyup' or 'notmpcopyup' option can only be set once"],
  [['U'], "the 'U' option can only be set once"],
  [['no-dereference'], "the 'no-dereference' option can only be set once"],
  [['noswap'], "the 'tmpswap' option can only be set once"],
];

const tmpfsOnly = ['size', 'mode', 'tmpcopyup', 'notmpcopyup', 'noswap', 'noatime', 'nr_inodes', 'uid', 'gid'];
const bindOnly = ['bind', 'rbind', 'z', 'Z', 'copy', 'nocopy'];
const known = new Set([...exclusive.flatMap(([names]) => names), ...tmpfsOnly, 'O', 'volume-opt', 'consistency']);

/** @throws BAD_ARGUMENT, in Podman's words, for an unknown option or two that exclude each other. */
export function checkMountOptions(options: string[], kind: 'bind' | 'tmpfs'): void {
  const keys = options.map((option) => option.split('=', 1)[0] ?? '');
  for (const [index, key] of keys.entries()) {
    if (/^(idmap|subpath|upperdir|workdir)/.test(key)) continue;
    if (!known.has(key)) bad(`unknown mount option "${options[index]}"`);
    if (kind === 'bind' && tmpfsOnly.includes(key)) bad(`the '${key}' option is only allowed with tmpfs mounts`);
    if (kind === 'tmpfs' && bindOnly.includes(key)) bad(`the '${key}' option is not allowed with tmpfs mounts`);
  }
  for (const [names, complaint] of exclusive) {
    if (keys.filter((key) => names.includes(key)).length > 1) {
      throw new TspodError('BAD_ARGUMENT', `${complaint}: duplicate mount option passed`);
    }
  }
}

function bad(words: string): never {
  throw new TspodError('BAD_ARGUMENT', `${words}: invalid mount option`);
}

/** What was done before the start (chown, relabel, copy) or is no option of a mount. */
const notForRuntime = new Set(['z', 'Z', 'U', 'copy', 'nocopy', 'O', 'consistency', 'volume-opt', 'volume-label']);

/** Options of a bind: recursive and private unless something else is said. */
export function bindOptions(given: string[]): string[] {
  const options = given.flatMap((option) => {
    const key = option.split('=', 1)[0] ?? '';
    if (notForRuntime.has(key) || /^(subpath|idmap|upperdir|workdir)/.test(key)) return [];
    return [option === 'no-dereference' ? 'copy-symlink' : option];
  });
  const plain = options.includes('bind');
  if (!options.some((option) => propagation.includes(option))) options.push(plain ? 'private' : 'rprivate');
  if (!plain && !options.includes('rbind')) options.push('rbind');
  return options;
}

/** Options of a tmpfs: it takes over what the image has at its place unless told not to. */
export function tmpfsOptions(given: string[], user: Pick<ProcessUser, 'uid' | 'gid'>): string[] {
  const options = given.flatMap((option) => {
    if (option === 'U') return [`uid=${user.uid}`, `gid=${user.gid}`];
    return option === 'notmpcopyup' || option === 'consistency' ? [] : [option];
  });
  if (!options.some((option) => propagation.includes(option))) options.push('rprivate');
  if (!given.includes('notmpcopyup') && !given.includes('tmpcopyup')) options.push('tmpcopyup');
  return options;
}
