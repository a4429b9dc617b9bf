/**
 * One lock file per pod. It is held while containers join the pod, and while the pod is started, stopped or removed.
 * Locks of containers are taken below it, never the other way round.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { withLock } from '../../system/lock.ts';
import type { RuntimeContext } from '../context.ts';
import type { Pod } from './pod.ts';
import { getPod, noSuchPod } from './pods.ts';

/** Runs `work` on the fresh pod, alone. NO_SUCH_POD when it was removed in the meantime. */
export function withPod<T>(rt: RuntimeContext, id: string, work: (pod: Pod) => Promise<T>): Promise<T> {
  mkdirSync(rt.paths.lockDir, { recursive: true, mode: 0o700 });
  return withLock(lockPath(rt, id), 'exclusive', () => {
    const pod = getPod(rt.state, id);
    if (pod) return work(pod);
    forgetPodLock(rt, id);
    throw noSuchPod(id);
  });
}

/** Removes the lock file of a pod that is no longer in the database. */
export function forgetPodLock(rt: RuntimeContext, id: string): void {
  rmSync(lockPath(rt, id), { force: true });
}

function lockPath(rt: RuntimeContext, id: string): string {
  return `${rt.paths.lockDir}/pod-${id}`;
}
