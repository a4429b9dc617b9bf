/**
 * The hosts file of a pod: that of its infra container, with a line for each container that runs in it. The file is
 * changed in place, since it is bound into the containers.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { containerRunDir } from '../../config/paths.ts';
import { formatEntry } from '../../network/hosts.ts';
import { withLock } from '../../system/lock.ts';
import type { ContainerConfig } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { getPod } from './pods.ts';

/** The others find it by its name on the loopback address. */
export function addToHosts(rt: RuntimeContext, config: ContainerConfig): Promise<void> {
  return edit(rt, config, (lines, own) => [...lines.filter((line) => line !== own), own]);
}

/** Idempotent. */
export function removeFromHosts(rt: RuntimeContext, config: ContainerConfig): Promise<void> {
  return edit(rt, config, (lines, own) => lines.filter((line) => line !== own));
}

type Change = (lines: string[], own: string) => string[];

async function edit(rt: RuntimeContext, { pod, name, network, noHosts }: ContainerConfig, change: Change) {
  const infra = getPod(rt.state, pod)?.infraId;
  if (noHosts || network.mode !== 'container' || network.id !== infra) return;
  const path = `${containerRunDir(rt.paths, infra)}/hosts`;
  if (!existsSync(path)) return;
  await withLock(path, 'exclusive', () => {
    const before = readFileSync(path, 'utf8');
    const after = change(before.split(/(?<=\n)/), formatEntry({ ip: '127.0.0.1', names: [name] })).join('');
    if (after !== before) writeFileSync(path, after);
  });
}
