/** `--secret NAME[,type=mount|env][,target=][,uid=][,gid=][,mode=]` */
import type { ContainerSecret } from '../container.ts';
import { badArgument } from './bad-argument.ts';

/**
 * What the flags ask for; `find` gives the id of a secret.
 * @throws BAD_ARGUMENT, and what `find` throws
 */
export function parseSecrets(flags: readonly string[], find: (name: string) => string): ContainerSecret[] {
  return flags.map((flag) => {
    const { name, ...wanted } = parse(flag);
    return { name, id: find(name), ...wanted };
  });
}

function parse(flag: string): Omit<ContainerSecret, 'id'> {
  const words = flag.split(',');
  const first = words[0]?.includes('=') && words.length > 1 ? '' : (words.shift() ?? '');
  const wanted = { name: first, type: 'mount' as 'mount' | 'env', target: '', uid: 0, gid: 0, mode: 0o444 };
  const given = new Set<string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 0) wrong(`option ${word} must be in form option=value`);
    const key = word.slice(0, at).replace(/^[UG]ID$/, (id) => id.toLowerCase());
    apply(wanted, key, word.slice(at + 1), word);
    if (key === 'type' && given.has('type')) wrong('cannot set more than one secret type');
    given.add(key);
  }
  if (wanted.name === '') wrong(`no source found ${flag}`);
  const mountOnly = ['uid', 'gid', 'mode'].some((key) => given.has(key));
  if (wanted.type === 'env' && mountOnly) wrong('UID, GID, Mode options cannot be set with secret type env');
  return { ...wanted, target: wanted.type === 'env' ? wanted.target || wanted.name : wanted.target };
}

function apply(wanted: Omit<ContainerSecret, 'id'>, key: string, value: string, word: string): void {
  if (key === 'source') wanted.name = value;
  else if (key === 'target') wanted.target = value;
  else if (key === 'type') {
    if (value !== 'mount' && value !== 'env') wrong(`type ${value} is invalid`);
    wanted.type = value === 'env' ? 'env' : 'mount';
  } else if (key === 'mode')
    wanted.mode = /^[0-7]{1,5}$/.test(value) ? Number.parseInt(value, 8) : wrong(`mode ${value} invalid`);
  else if (key === 'uid' || key === 'gid')
    wanted[key] = /^\d{1,9}$/.test(value) ? Number(value) : wrong(`${key.toUpperCase()} ${value} invalid`);
  else wrong(`option ${word} invalid`);
}

function wrong(words: string): never {
  return badArgument(`${words}: parsing secret`);
}
