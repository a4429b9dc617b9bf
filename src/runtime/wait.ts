import { setTimeout as sleep } from 'node:timers/promises';
import { TspodError } from '../errors.ts';
import { waitExit } from '../system/proc.ts';
import type { Container, ContainerStatus } from './container.ts';
import { isLive } from './container-state.ts';
import type { RuntimeContext } from './context.ts';
import { processLives } from './settle.ts';
import { settleNow } from './stop.ts';
import { current } from './sync.ts';

export interface WaitOptions {
  /** State names, `removing`, `healthy`, `unhealthy`; none means: until it ended. */
  conditions?: readonly string[];
  /** Milliseconds between two looks, where there is nothing better than looking. */
  interval?: number;
  signal?: AbortSignal;
}

const endStates = ['exited', 'stopped'];
const stateNames = [
  'configured',
  'created',
  'running',
  'stopped',
  'paused',
  'exited',
  'removing',
  'stopping',
  'initialized',
];

/**
 * Waits for a container. Returns its exit code once it ended, -1 for another condition that came true. A container
 * that never ran is not waited for: 0.
 */
export async function waitContainer(rt: RuntimeContext, id: string, options: WaitOptions = {}): Promise<number> {
  const conditions = options.conditions?.length ? options.conditions : endStates;
  checkConditions(rt, id, conditions);
  const aborter = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, aborter.signal]) : aborter.signal;
  const waits: Promise<number>[] = [];
  const others = conditions.filter((condition) => !endStates.includes(condition));
  if (others.length < conditions.length) waits.push(waitForEnd(rt, id, signal));
  if (others.length > 0) waits.push(waitForState(rt, id, others, { interval: options.interval ?? 250, signal }));
  try {
    return await Promise.race(waits);
  } finally {
    aborter.abort();
  }
}

async function waitForEnd(rt: RuntimeContext, id: string, signal: AbortSignal): Promise<number> {
  for (let pause = 1; !signal.aborted; pause = Math.min(pause * 2, 50)) {
    const container = rt.state.get(id);
    if (!container) return rt.state.exitCode(id) ?? -1;
    const { state } = container;
    if (!isLive(state.status)) return state.status === 'exited' ? state.exitCode : (rt.state.exitCode(id) ?? 0);
    if (processLives(state)) await waitExit(state.pid);
    // Ended: whoever is responsible gets a moment, then it is done here.
    else if (pause >= 50) await settleNow(rt, id);
    else await sleep(pause);
  }
  return -1;
}

interface Polling {
  interval: number;
  signal: AbortSignal;
}

async function waitForState(rt: RuntimeContext, id: string, wanted: string[], polling: Polling): Promise<number> {
  while (!polling.signal.aborted) {
    const container = await look(rt, id);
    if (!container) {
      if (wanted.includes('removing')) return rt.state.exitCode(id) ?? -1;
      throw new TspodError('NO_SUCH_CONTAINER', `no container with ID ${id} found in database: no such container`);
    }
    if (wanted.includes(podmanState(container.state.status)) || wanted.includes(container.state.health.status))
      return -1;
    await sleep(Math.max(polling.interval, 1));
  }
  return -1;
}

async function look(rt: RuntimeContext, id: string): Promise<Container | null> {
  const container = rt.state.get(id);
  return container && current(rt, container);
}

/** Podman's names: its `configured` is what users see as created, its `created` what they see as initialized. */
function podmanState(status: ContainerStatus): string {
  if (status === 'created') return 'configured';
  return status === 'initialized' ? 'created' : status;
}

function checkConditions(rt: RuntimeContext, id: string, conditions: readonly string[]): void {
  for (const condition of conditions) {
    if (condition === 'healthy' || condition === 'unhealthy') checkHealth(rt, id, condition);
    else if (!stateNames.includes(condition)) {
      throw new TspodError('BAD_ARGUMENT', `unknown container state: ${condition}: invalid argument`);
    }
  }
}

function checkHealth(rt: RuntimeContext, id: string, condition: string): void {
  if (rt.state.get(id)?.config.healthcheck) return;
  throw new TspodError('BAD_ARGUMENT', `cannot use condition "${condition}": container ${id} has no healthcheck`);
}
