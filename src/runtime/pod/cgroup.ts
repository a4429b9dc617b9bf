/** The cgroup of a pod, parent of those of its containers: it is there while one of them runs. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';
import { cgroupFacts, cgroupRoot } from '../../system/cgroup.ts';
import { cgroupManager } from '../cgroup-manager.ts';
import type { RuntimeContext } from '../context.ts';
import { cgroupFiles } from './cgroup-files.ts';
import type { Pod } from './pod.ts';
import { getPod } from './pods.ts';

/** Where the cgroup of a new pod is, '' when containers do not get it as their parent. */
export function podCgroupPath(rt: RuntimeContext, { id, cgroupParent, shareParent }: Partial<Pod>): string {
  if (!shareParent) return '';
  if (cgroupManager(rt) === 'cgroupfs') return posix.join('/', cgroupParent ?? '', id ?? '');
  const prefix = posix.basename(cgroupParent ?? '', '.slice');
  return posix.join(cgroupParent ?? '', `${prefix}-libpod_pod_${id}.slice`);
}

/** Makes the cgroup and sets its limits, before a container starts in it. Without limits the OCI runtime makes it. */
export function podCgroupUp(rt: RuntimeContext, podId: string): void {
  const pod = getPod(rt.state, podId);
  if (!pod?.cgroupPath || cgroupManager(rt) !== 'cgroupfs') return;
  const files = cgroupFiles(pod.resources, cgroupFacts());
  try {
    for (const { controller, name, value } of files) {
      const folder = makeGroup(controller, pod.cgroupPath);
      writeFileSync(`${folder}/${name}`, value);
    }
  } catch (cause) {
    const words = `setting the limits of pod ${pod.name}: ${messageOf(cause)}`;
    throw new TspodError('SYSTEM', words, { cause });
  }
}

/** Removes the cgroup, which is empty by now. Idempotent. */
export async function podCgroupDown(rt: RuntimeContext, { cgroupPath }: Pod): Promise<void> {
  if (!cgroupPath || cgroupManager(rt) !== 'cgroupfs') return;
  for (const root of hierarchies()) await removeGroup(`${root}${cgroupPath}`);
}

/** A process that has just ended may hold its group for a moment. */
async function removeGroup(path: string): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      return rmdirSync(path);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return;
      // A container that is being started in it right now keeps it.
      if (!hasErrno(error, 'EBUSY', 'ENOTEMPTY')) throw error;
    }
    await sleep(10);
  }
}

/** Mount points of all cgroup trees of the machine. */
function hierarchies(): string[] {
  if (cgroupFacts().version === 2) return [cgroupRoot];
  return readdirSync(cgroupRoot).map((name) => `${cgroupRoot}/${name}`);
}

/** The folder of the group in the tree of a controller, with what its ancestors have to pass on. */
function makeGroup(controller: string, path: string): string {
  const unified = cgroupFacts().version === 2;
  const root = unified ? cgroupRoot : `${cgroupRoot}/${controller}`;
  let folder = root;
  for (const name of path.split('/').filter(Boolean)) {
    if (unified) enable(folder, controller);
    const parent = folder;
    folder = `${parent}/${name}`;
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o755 });
    if (!unified && controller === 'cpuset') inherit(parent, folder);
  }
  return folder;
}

function enable(folder: string, controller: string): void {
  const file = `${folder}/cgroup.subtree_control`;
  if (!readFileSync(file, 'latin1').split(/\s/).includes(controller)) writeFileSync(file, `+${controller}`);
}

/** A new cpuset of cgroup v1 is empty, and takes no process. */
function inherit(parent: string, folder: string): void {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    if (readFileSync(`${folder}/${name}`, 'latin1').trim() !== '') continue;
    writeFileSync(`${folder}/${name}`, readFileSync(`${parent}/${name}`, 'latin1'));
  }
}
