import type { Container } from '../container.ts';
import type { RuntimeContext } from '../context.ts';

/** The folders that the root file system is made of. */
export function inspectGraphDriver({ store }: RuntimeContext, { config, state }: Container) {
  const record = config.rootfs ? undefined : store.containers().find(({ id }) => id === config.id);
  const { name: Name } = store.driver;
  const folders = record ? store.describeLayer(record.layer) : null;
  if (folders === null) return { Name, Data: null };
  const { LowerDir, ...rest } = folders;
  const merged = state.mountpoint ? { MergedDir: state.mountpoint } : {};
  return { Name, Data: { ...(LowerDir ? { LowerDir } : {}), ...merged, ...rest } };
}
