/** The state of a container as values: what a new one starts with, and questions about it. */
import type { ContainerState, ContainerStatus } from './container.ts';

/** The state of a container that was never started. */
export function initialState(): ContainerState {
  return {
    status: 'created',
    pid: 0,
    pidStartTime: 0,
    monitorPid: 0,
    startedAt: '',
    finishedAt: '',
    exitCode: 0,
    oomKilled: false,
    error: '',
    restartCount: 0,
    stoppedByUser: false,
    mountpoint: '',
    bootId: '',
    netns: '',
    networks: {},
    execSessions: [],
    health: { status: '', failingStreak: 0 },
  };
}

/** True while the runtime knows the container: there is a process, or there was one that nobody cleaned up after. */
export function isLive(status: ContainerStatus): boolean {
  return status === 'running' || status === 'paused' || status === 'stopping' || status === 'initialized';
}

/** True in the states that `rm` refuses without --force. */
export function isActive(status: ContainerStatus): boolean {
  return status === 'running' || status === 'paused' || status === 'stopping';
}

/** A time as the state keeps it: RFC 3339 in UTC with nanoseconds. Without an argument: now. */
export function timestamp(milliseconds: number = now()): string {
  const whole = Math.floor(milliseconds);
  const nanoseconds = Math.floor((milliseconds - whole) * 1e6);
  return new Date(whole).toISOString().replace('Z', `${String(nanoseconds).padStart(6, '0')}Z`);
}

/** What the clock showed when this file was loaded, less the time since boot. */
const origin = Date.now() - sinceBoot();

/** Milliseconds with a fraction; `performance` would do, but loading it takes 4 ms. */
function now(): number {
  return Math.max(origin + sinceBoot(), Date.now());
}

function sinceBoot(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
