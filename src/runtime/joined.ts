/** Containers whose namespaces another one joins (`--network container:X` and so on). */
import { TspodError } from '../errors.ts';
import type { ContainerConfig, NamespaceMode, NetworkMode } from './container.ts';
import type { RuntimeContext } from './context.ts';

/** Ids of the containers that must run before this one does, each once. */
export function dependenciesOf(config: ContainerConfig): string[] {
  const { pid, ipc, uts, cgroupns, userns, network } = config;
  const modes: (NamespaceMode | NetworkMode)[] = [pid, ipc, uts, cgroupns, userns, network];
  const joined = modes.flatMap((mode) => (mode.mode === 'container' ? [mode.id] : []));
  return [...new Set([...joined, ...config.dependencies])];
}

/** Id to host pid of each container that is joined. CONTAINER_STATE when one of them does not run. */
export function joinPids(rt: RuntimeContext, config: ContainerConfig): Record<string, number> {
  const pids: Record<string, number> = {};
  for (const id of dependenciesOf(config)) {
    const dependency = rt.state.get(id);
    if (dependency?.state.status === 'running') pids[id] = dependency.state.pid;
  }
  return pids;
}

/** CONTAINER_STATE with the ids of the dependencies that do not run. */
export function checkDependencies(rt: RuntimeContext, config: ContainerConfig): void {
  const stopped = dependenciesOf(config).filter((id) => rt.state.get(id)?.state.status !== 'running');
  if (stopped.length === 0) return;
  const words = `some dependencies of container ${config.id} are not started: ${stopped.join(',')}`;
  throw new TspodError('CONTAINER_STATE', `${words}: container state improper`);
}

/** Ids of the containers that depend on this one. */
export function dependantsOf(rt: RuntimeContext, id: string): string[] {
  return rt.state.list().flatMap(({ config }) => (dependenciesOf(config).includes(id) ? [config.id] : []));
}
