import { rmSync, writeFileSync } from 'node:fs';
import { containerRunDir } from '../config/paths.ts';
import type { ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { hostFacts } from './host-facts.ts';
import { withContainer } from './locks.ts';
import { callRuntime } from './oci-runtime.ts';
import { refresh } from './settle.ts';
import { resourcesFor } from './spec/resources.ts';
import { noSuchContainer } from './state.ts';

/**
 * Changes the configuration of a container; new limits reach its processes at once, the rest counts from its next start
 * on. NO_SUCH_CONTAINER, RUNTIME_FAILED when the kernel refuses a limit: nothing has changed then.
 */
export function updateContainer(
  rt: RuntimeContext,
  id: string,
  change: (config: ContainerConfig) => ContainerConfig,
): Promise<void> {
  return withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) throw noSuchContainer(id);
    const { config, state } = container;
    const next = change(config);
    const isLive = state.status === 'running' || state.status === 'paused';
    if (isLive && next.resources !== config.resources) applyLimits(rt, next);
    rt.state.saveConfig(next);
    if (isLive && healthChanged(config, next)) {
      const { changeHealth } = await import('./health/configure.ts');
      await changeHealth(rt, { config: next, state });
    }
    containerEvent(rt, next, 'update');
  });
}

function healthChanged(before: ContainerConfig, after: ContainerConfig): boolean {
  const parts = ({ healthcheck, startupHealthcheck, ...config }: ContainerConfig) =>
    JSON.stringify([
      healthcheck,
      startupHealthcheck,
      config.healthLogDestination,
      config.healthMaxLogCount,
      config.healthMaxLogSize,
    ]);
  return parts(before) !== parts(after);
}

function applyLimits(rt: RuntimeContext, config: ContainerConfig): void {
  const file = `${containerRunDir(rt.paths, config.id)}/resources.json`;
  writeFileSync(file, JSON.stringify(resourcesFor(config.resources, hostFacts())), { mode: 0o600 });
  try {
    callRuntime(rt, config, 'update', { flags: ['--resources', file] });
  } finally {
    rmSync(file, { force: true });
  }
}
