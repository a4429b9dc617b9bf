/** The files of a container as its processes see them, held by an fd while `work` runs. */
import { closeSync, openSync, statSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { isAlive } from '../../system/proc.ts';
import { openInRoot } from '../../system/safe-path.ts';
import type { Container, ContainerConfig } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { withContainer } from '../locks.ts';
import { refresh } from '../settle.ts';
import { lookUpUser } from '../spec/user.ts';
import { noSuchContainer } from '../state.ts';
import { storageUp, volumePath } from '../storage-up.ts';
import { self } from './at.ts';

export interface ContainerRoot {
  config: ContainerConfig;
  /** Where an absolute path of the container starts, and what is left of it there; close the fd. */
  open(path: string): { fd: number; rest: string };
  user: { uid: number; gid: number };
}

const folder = 0o10200000; // O_PATH | O_DIRECTORY

/** A container without a process is mounted meanwhile, and nobody can start or remove it. */
export async function withContainerRoot<T>(
  rt: RuntimeContext,
  id: string,
  work: (root: ContainerRoot) => Promise<T>,
): Promise<T> {
  const running = await withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) throw noSuchContainer(id);
    if (container.state.pid > 0) return { fd: openRunning(container), config: container.config };
    return { result: await whileMounted(rt, container.config, work) };
  });
  if ('result' in running) return running.result;
  const { fd, config } = running;
  try {
    return await work(rootOf(config, self(fd), (path) => ({ fd: openSync(self(fd), folder), rest: path })));
  } finally {
    closeSync(fd);
  }
}

/** The fd keeps the mount namespace's view even if the process ends. */
function openRunning({ config, state }: Container): number {
  const fd = openSync(`/proc/${state.pid}/root`, folder);
  if (isAlive(state.pid, state.pidStartTime)) return fd;
  closeSync(fd);
  throw new TspodError('CONTAINER_STATE', `container ${config.id} has just ended`);
}

async function whileMounted<T>(
  rt: RuntimeContext,
  config: ContainerConfig,
  work: (root: ContainerRoot) => Promise<T>,
): Promise<T> {
  const rootfs = storageUp(rt, config);
  try {
    return await work(rootOf(config, rootfs, (path) => openMounted(rt, config, rootfs, path)));
  } finally {
    if (!config.rootfs) rt.store.unmountContainer(config.id);
    for (const { name } of config.volumes) rt.store.unmountVolume(name, config.id);
  }
}

function rootOf(config: ContainerConfig, rootfs: string, open: ContainerRoot['open']): ContainerRoot {
  const { uid, gid } = lookUpUser({ config, rootfs });
  return { config, open, user: { uid, gid } };
}

/** Volumes and host folders are not mounted without a process: the path is looked up where it would lead to. */
function openMounted(rt: RuntimeContext, config: ContainerConfig, rootfs: string, path: string) {
  const { source, destination } = mountFor(rt, config, path) ?? { source: rootfs, destination: '/' };
  const rest = destination === '/' ? path : path.slice(destination.length);
  if (statSync(source, { throwIfNoEntry: false })?.isFile()) {
    const slash = source.lastIndexOf('/');
    return { fd: openSync(source.slice(0, slash) || '/', folder), rest: `/${source.slice(slash + 1)}` };
  }
  return { fd: openSync(source, folder), rest: rest || '/' };
}

function mountFor(rt: RuntimeContext, { volumes, mounts }: ContainerConfig, path: string) {
  const named = volumes.map(({ name, destination, subPath }) => ({
    ...{ destination, source: () => inside(volumePath(rt, name), subPath) },
  }));
  const binds = mounts.filter(({ type }) => type === 'bind');
  const all = [...named, ...binds.map(({ destination, source }) => ({ destination, source: () => source }))];
  const fitting = all.filter(({ destination: place }) => path === place || path.startsWith(`${place}/`));
  const [found] = fitting.sort((a, b) => b.destination.length - a.destination.length);
  return found && { source: found.source(), destination: found.destination };
}

function inside(root: string, subPath: string | undefined): string {
  if (!subPath) return root;
  closeSync(openInRoot(root, subPath, folder));
  return `${root}/${subPath}`;
}
