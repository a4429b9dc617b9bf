import { TspodError } from '../errors.ts';
import type { Container, ContainerConfig } from './container.ts';
import { initialState } from './container-state.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { dependenciesOf } from './joined.ts';
import { keepForStart, letGo } from './locks.ts';
import { createVolumesOf } from './volumes.ts';

export interface CreateOptions {
  /** This process starts it at once: a container that is left half-way is then known to be so. */
  startNext?: boolean;
}

/**
 * Records a container and makes its layer; nothing runs yet. The name is taken first, in one transaction, so that of
 * two calls with one name exactly one goes on. NAME_IN_USE, or NO_SUCH_CONTAINER for a missing dependency.
 */
export async function createContainer(
  rt: RuntimeContext,
  config: ContainerConfig,
  { startNext = false }: CreateOptions = {},
): Promise<Container> {
  for (const id of dependenciesOf(config)) checkDependency(rt, id);
  const container: Container = { config, state: initialState() };
  if (startNext) keepForStart(rt, config.id);
  try {
    rt.state.add(container);
  } catch (error) {
    letGo(rt, config.id);
    throw error;
  }
  try {
    createVolumesOf(rt, config);
    if (!config.rootfs) await createLayer(rt, config);
    if (config.secrets) (await import('./secrets.ts')).keepSecrets(rt, config);
  } catch (error) {
    rt.state.remove(config.id, 0);
    letGo(rt, config.id);
    throw error;
  }
  await noteCreated(rt, container);
  return container;
}

/** With what `inspect` says, where containers.conf wants that. */
async function noteCreated(rt: RuntimeContext, container: Container): Promise<void> {
  if (!rt.journal?.settings) return;
  if (!rt.conf.engine.eventsContainerCreateInspectData) return containerEvent(rt, container.config, 'create');
  const { inspectContainer } = await import('./inspect/inspect.ts');
  const data = JSON.stringify(inspectContainer(rt, container, { size: true }));
  containerEvent(rt, container.config, 'create', { ContainerInspectData: data });
}

/** The record in the store, so that Podman and Buildah see the container and keep its image. */
export async function createLayer(rt: RuntimeContext, config: ContainerConfig): Promise<void> {
  const { id, name, imageId, imageName, created } = config;
  const createdAt = Math.floor(Date.parse(created) / 1000);
  const request = {
    id,
    name,
    imageId: imageId || null,
    volatile: config.autoRemove,
    metadata: JSON.stringify({ 'image-name': imageName, 'image-id': imageId, name, 'created-at': createdAt }),
  };
  if (config.idMaps) await rt.store.createMappedContainer({ ...request, idMaps: config.idMaps });
  else rt.store.createContainer(request);
}

function checkDependency(rt: RuntimeContext, id: string): void {
  if (rt.state.get(id)) return;
  throw new TspodError('NO_SUCH_CONTAINER', `no container with name or ID "${id}" found: no such container`);
}
