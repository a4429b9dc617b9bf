/** Exec sessions as the state database keeps them. */
import type { StatementSync } from 'node:sqlite';

export interface ExecSession {
  /** 64 hex characters. */
  id: string;
  containerId: string;
  command: string[];
  user: string;
  workDir: string;
  env: string[];
  terminal: boolean;
  stdin: boolean;
  privileged: boolean;
  detachKeys: string;
  /** Host pid of its process, 0 before it runs. */
  pid: number;
  /** Field 22 of /proc/PID/stat of that process. */
  pidStartTime: number;
  running: boolean;
  exitCode: number;
}

/** The statements of the exec_sessions table; `prepare` caches them. */
export function execStatements(prepare: (sql: string) => StatementSync) {
  return {
    /** Adds or replaces a session. */
    save(session: ExecSession): void {
      const sql = 'INSERT OR REPLACE INTO exec_sessions (id, container, session) VALUES (?, ?, ?)';
      prepare(sql).run(session.id, session.containerId, JSON.stringify(session));
    },
    get(id: string): ExecSession | null {
      const row = prepare('SELECT session FROM exec_sessions WHERE id = ?').get(id);
      return row ? (JSON.parse(String(row['session'])) as ExecSession) : null;
    },
    /** All sessions of one container, oldest first. */
    of(containerId: string): ExecSession[] {
      const rows = prepare('SELECT session FROM exec_sessions WHERE container = ? ORDER BY rowid').all(containerId);
      return rows.map((row) => JSON.parse(String(row['session'])) as ExecSession);
    },
    remove(id: string): void {
      prepare('DELETE FROM exec_sessions WHERE id = ?').run(id);
    },
  };
}
