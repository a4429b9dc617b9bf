import type { Rlimit } from '../../oci/runtime-spec.ts';
import type { ContainerConfig, Ulimit } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';

/** What a container gets for open files and processes when nothing is said (Podman's default). */
const engineDefault = 1048576;

/**
 * process.rlimits. Who may not raise a hard limit (no CAP_SYS_RESOURCE) gets the limits lowered to it: the runtime
 * would fail otherwise. With `--ulimit host` there are none, and the process inherits this machine's.
 */
export function rlimitsFor(config: ContainerConfig, host: HostFacts): Rlimit[] {
  if (config.ulimitHost) return [];
  const limits = new Map<string, Ulimit>(config.ulimits.map((limit) => [limit.name, limit]));
  for (const name of ['nofile', 'nproc']) {
    if (!limits.has(name)) limits.set(name, { name, soft: engineDefault, hard: engineDefault });
  }
  const mayRaise = host.boundingCaps.includes('CAP_SYS_RESOURCE') && host.userns === null;
  return [...limits.values()].map(({ name, soft, hard }) => {
    const ceiling = mayRaise ? Number.POSITIVE_INFINITY : (host.rlimits[name]?.hard ?? Number.POSITIVE_INFINITY);
    const capped = Math.min(unlimited(hard), ceiling);
    return { type: `RLIMIT_${name.toUpperCase()}`, hard: capped, soft: Math.min(unlimited(soft), capped) };
  });
}

function unlimited(value: number): number {
  return value < 0 ? Number.POSITIVE_INFINITY : value;
}
