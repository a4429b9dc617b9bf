/** Capabilities of the container's process. */
import { defaultCapabilities } from '../../config/default-capabilities.ts';
import { TspodError } from '../../errors.ts';
import type { Capabilities } from '../../oci/runtime-spec.ts';
import type { ContainerConfig } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';
import { capabilityNames } from './capability-names.ts';
import type { ProcessUser } from './user.ts';

const all = 'ALL';

/** The sets of the process. `config.capAdd` and `capDrop` are relative to `config.defaultCaps`. */
export function capabilitiesFor(config: ContainerConfig, host: HostFacts, user: ProcessUser): Capabilities {
  const bounding = boundingFor(config, host);
  if (user.isRoot) return { bounding, effective: bounding, permitted: bounding };
  // Another user gets only what was asked for, and as ambient capabilities, so that they survive the exec.
  const own = config.privileged ? [] : onlyHeld(mergeCapabilities([], config.capAdd, [], host), host);
  return { bounding, effective: own, permitted: own, inheritable: own, ambient: own };
}

function boundingFor(config: ContainerConfig, host: HostFacts): string[] {
  if (config.privileged) return [...host.boundingCaps];
  // A container may have been recorded without any.
  return onlyHeld(
    mergeCapabilities(config.defaultCaps ?? defaultCapabilities, config.capAdd, config.capDrop, host),
    host,
  );
}

/**
 * Adds to and drops from a base set. `ALL` added is what this process may hold; `ALL` dropped leaves what was added.
 * @throws BAD_ARGUMENT for an unknown name, or one that is both added and dropped.
 */
export function mergeCapabilities(
  base: readonly string[],
  adds: readonly string[],
  drops: readonly string[],
  host: Pick<HostFacts, 'boundingCaps'>,
): string[] {
  const add = normalizeCapabilities(adds);
  const drop = normalizeCapabilities(drops);
  if (drop.includes(all)) {
    if (add.includes(all)) throw new TspodError('BAD_ARGUMENT', 'adding all caps and removing all caps not allowed');
    return [...new Set(add)].sort();
  }
  const both = add.find((name) => drop.includes(name));
  if (both) throw new TspodError('BAD_ARGUMENT', `capability "${both}" cannot be dropped and added`);
  const start = add.includes(all) ? host.boundingCaps : normalizeCapabilities(base);
  const merged = new Set([...start, ...add].filter((name) => name !== all && !drop.includes(name)));
  return [...merged].sort();
}

/** @throws BAD_ARGUMENT for a name that the kernel does not have. */
export function normalizeCapabilities(names: readonly string[]): string[] {
  return names.map((given) => {
    const upper = given.toUpperCase();
    const name = upper === all || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (name !== all && !capabilityNames.includes(name)) {
      throw new TspodError('BAD_ARGUMENT', `"${name}": unknown capability`);
    }
    return name;
  });
}

function onlyHeld(names: string[], host: HostFacts): string[] {
  return names.filter((name) => host.boundingCaps.includes(name));
}
