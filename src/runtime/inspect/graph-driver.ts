import type { Container } from '../container.ts';
import type { RuntimeContext } from '../context.ts';

/** The folders of the overlay mount. */
export function inspectGraphDriver(rt: RuntimeContext, { config, state }: Container) {
  const record = config.rootfs ? undefined : rt.store.containers().find(({ id }) => id === config.id);
  if (!record) return { Name: 'overlay', Data: null };
  const folder = rt.store.layerFolder(record.layer);
  const lowers = lowerFolders(rt, record.layer);
  return {
    Name: 'overlay',
    Data: {
      ...(lowers.length > 0 ? { LowerDir: lowers.join(':') } : {}),
      ...(state.mountpoint ? { MergedDir: state.mountpoint } : {}),
      UpperDir: `${folder}/diff`,
      WorkDir: `${folder}/work`,
    },
  };
}

/** Content of the image's layers, top first. */
function lowerFolders(rt: RuntimeContext, layer: string): string[] {
  const folders: string[] = [];
  for (let parent = rt.store.hasLayer(layer)?.parent; parent; parent = rt.store.hasLayer(parent)?.parent) {
    folders.push(`${rt.store.layerFolder(parent)}/diff`);
  }
  return folders;
}
