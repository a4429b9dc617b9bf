import { badArgument } from '../options/bad-argument.ts';
import type { PodNamespace } from './pod.ts';

const known = ['cgroup', 'ipc', 'net', 'pid', 'uts'] as const;
const defaults: PodNamespace[] = ['ipc', 'net', 'uts'];

/** --share: names joined by commas, with `+` in front in addition to the usual ones. Sorted. @throws BAD_ARGUMENT */
export function parseShare(text: string): PodNamespace[] {
  const added = text.startsWith('+');
  const shares = new Set<PodNamespace>(added ? defaults : []);
  for (const name of (added ? text.slice(1) : text).split(',')) {
    if (name === 'none' || name === '') continue;
    const found = known.find((each) => each === name);
    const words = `invalid kernel namespace to share: ${name}. Options are: cgroup, ipc, net, pid, uts or none`;
    shares.add(found ?? badArgument(words));
  }
  return [...shares].sort();
}
