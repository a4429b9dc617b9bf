import { readFileSync } from 'node:fs';
import type { ContainerConfig } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { hasHealthcheck, healthLogPath } from './paths.ts';

/** As Podman keeps and shows it. */
export interface HealthResults {
  /** `starting`, `healthy`, `unhealthy`, `stopped`. */
  Status: string;
  FailingStreak: number;
  /** Oldest first. */
  Log: { Start: string; End: string; ExitCode: number; Output: string }[] | null;
}

/** What the monitor wrote last; null for a container without health checks. */
export function healthResults(rt: RuntimeContext, config: ContainerConfig): HealthResults | null {
  if (!hasHealthcheck(config)) return null;
  try {
    const results = JSON.parse(readFileSync(healthLogPath(rt.paths, config), 'utf8')) as Partial<HealthResults> | null;
    const { Status, FailingStreak, Log } = results ?? {};
    return {
      Status: typeof Status === 'string' ? Status : 'starting',
      FailingStreak: typeof FailingStreak === 'number' ? FailingStreak : 0,
      Log: Array.isArray(Log) ? Log : null,
    };
  } catch {
    // Not written yet, or a folder of the user's that is gone.
    return { Status: 'starting', FailingStreak: 0, Log: null };
  }
}
