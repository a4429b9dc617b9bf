import type { RuntimeContext } from './context.ts';
import { pruneFilter } from './filters.ts';
import { removeContainer } from './remove.ts';
import { currentContainers } from './sync.ts';

export interface PruneReport {
  id: string;
  /** Bytes freed. */
  size: number;
  error?: unknown;
}

/** Removes all containers that do not run and fit the filters and belong to no pod, with their anonymous volumes. */
export async function pruneContainers(rt: RuntimeContext, filters: readonly string[]): Promise<PruneReport[]> {
  const fits = pruneFilter(rt, filters);
  const idle = (await currentContainers(rt)).filter(
    ({ config, state }) => config.pod === '' && (state.status === 'created' || state.status === 'exited'),
  );
  const reports: PruneReport[] = [];
  for (const { config } of idle.filter(fits)) {
    const size = config.rootfs ? 0 : rt.store.containerSize(config.id).rw;
    try {
      await removeContainer(rt, config.id, { volumes: true });
      reports.push({ id: config.id, size });
    } catch (error) {
      reports.push({ id: config.id, size: 0, error });
    }
  }
  return reports;
}
