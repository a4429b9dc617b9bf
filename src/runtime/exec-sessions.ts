/** Exec sessions of a container that really run. */
import { isAlive } from '../system/proc.ts';
import type { RuntimeContext } from './context.ts';
import type { ExecSession } from './exec-session.ts';

/** Sessions whose process lives. */
export function activeSessions(rt: RuntimeContext, containerId: string): ExecSession[] {
  return rt.state.exec.of(containerId).filter(sessionLives);
}

/** False for a session whose process ended without anybody noting it (a killed monitor, a reboot). */
export function sessionLives(session: ExecSession): boolean {
  return session.running && session.pid > 0 && isAlive(session.pid, session.pidStartTime);
}
