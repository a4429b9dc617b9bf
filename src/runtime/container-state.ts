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
