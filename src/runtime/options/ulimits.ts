import type { Ulimit } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';

const names = new Set([
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
]);

/** --ulimit on top of containers.conf's; a later one of the same name wins. */
export function buildUlimits({ options, conf }: BuildInput): { ulimits: Ulimit[]; ulimitHost?: boolean } {
  if (options.ulimit.includes('host')) return { ulimits: [], ulimitHost: true };
  const all = [...conf.containers.defaultUlimits.filter((text) => text !== 'host'), ...options.ulimit].map(parseUlimit);
  return { ulimits: [...new Map(all.map((limit) => [limit.name, limit])).values()] };
}

/** `nofile=1024:2048`, also `RLIMIT_NOFILE=…`; -1 is without limit. */
export function parseUlimit(text: string): Ulimit {
  const lower = text.toLowerCase().replace(/^rlimit_/, '');
  const fail = (reason: string): never =>
    badArgument(`ulimit option ${JSON.stringify(lower)} requires name=SOFT:HARD, failed to be parsed: ${reason}`);
  const at = lower.indexOf('=');
  if (at < 0) fail(`invalid ulimit argument: ${lower}`);
  const name = lower.slice(0, at);
  if (!names.has(name)) fail(`invalid ulimit type: ${name}`);
  const values = lower.slice(at + 1).split(':');
  if (values.length > 2) {
    fail(`too many limit value arguments - ${values.join(':')}, can only have up to two, \`soft[:hard]\``);
  }
  const [soft = 0, hard = soft] = values.map((value) => {
    return /^[+-]?\d+$/.test(value)
      ? Number(value)
      : fail(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  });
  const order = 'ulimit soft limit must be less than or equal to hard limit';
  if (hard !== -1 && soft === -1) fail(`${order}: soft: -1 (unlimited), hard: ${hard}`);
  if (hard !== -1 && soft > hard) fail(`${order}: ${soft} > ${hard}`);
  return { name, soft, hard };
}
