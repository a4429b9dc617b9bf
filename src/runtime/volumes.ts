/** The named volumes of containers: made at create, removed with the container when they are anonymous. */
import { hasCode } from '../errors.ts';
import type { ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { volumeEvent } from './events.ts';

/** Makes the volumes that do not exist yet. */
export function createVolumesOf(rt: RuntimeContext, config: ContainerConfig): void {
  if (config.volumes.length === 0) return;
  const known = new Set(rt.store.volumes().map(({ name }) => name));
  for (const { name, anonymous } of config.volumes) {
    if (known.has(name)) continue;
    rt.store.createVolume(name, { anonymous });
    volumeEvent(rt, 'create', name);
  }
}

/** Removes the anonymous volumes that no other container uses. */
export function removeVolumesOf(rt: RuntimeContext, config: ContainerConfig): void {
  const anonymous = config.volumes.filter((volume) => volume.anonymous);
  if (anonymous.length === 0) return;
  const others = rt.state.list().filter((other) => other.config.id !== config.id);
  const used = new Set(others.flatMap((other) => other.config.volumes.map(({ name }) => name)));
  for (const { name } of anonymous) {
    if (!used.has(name)) removeQuietly(rt, name);
  }
}

/** @throws NO_SUCH_VOLUME */
export function removeVolume(rt: RuntimeContext, name: string): void {
  rt.store.removeVolume(name);
  volumeEvent(rt, 'remove', name);
}

function removeQuietly(rt: RuntimeContext, name: string): void {
  try {
    removeVolume(rt, name);
  } catch (error) {
    if (!hasCode(error, 'NO_SUCH_VOLUME')) throw error;
  }
}
