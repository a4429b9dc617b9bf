import { TspodError } from '../../errors.ts';
import type { Container } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { removeContainer } from '../remove.ts';
import { startContainer } from '../start.ts';
import { waitContainer } from '../wait.ts';
import { failure, type MemberErrors } from './each-member.ts';
import { podEvent } from './event.ts';
import { withPod } from './lock.ts';
import { podMembers } from './members.ts';
import type { Pod } from './pod.ts';

/** Starts what does not run: init containers one after the other, then the rest. Returns what went wrong. */
export function startPod(rt: RuntimeContext, id: string): Promise<MemberErrors> {
  return withPod(rt, id, (pod) => startMembers(rt, pod));
}

/** The same for a caller that has the pod's lock. */
export async function startMembers(rt: RuntimeContext, pod: Pod): Promise<MemberErrors> {
  const members = await podMembers(rt, pod);
  if (members.length === 0) {
    const words = `no containers in pod ${pod.id} have no dependencies, cannot start pod`;
    throw new TspodError('BAD_ARGUMENT', `${words}: no such container`);
  }
  for (const container of members.filter(({ config }) => config.initContainer)) await runInit(rt, container);
  const errors: MemberErrors = [];
  for (const { config } of members.filter((container) => !container.config.initContainer)) {
    try {
      await startContainer(rt, config.id, { unlessRunning: true });
    } catch (error) {
      errors.push(failure('starting', config.id, error));
    }
  }
  if (errors.length === 0) podEvent(rt, pod, 'start');
  return errors;
}

async function runInit(rt: RuntimeContext, { config }: Container): Promise<void> {
  await startContainer(rt, config.id, { unlessRunning: true });
  const code = await waitContainer(rt, config.id);
  if (code !== 0) throw new TspodError('RUNTIME_FAILED', `init container ${config.id} exited with code ${code}`);
  if (config.initContainer === 'once') await removeContainer(rt, config.id, { force: true, volumes: true });
}
