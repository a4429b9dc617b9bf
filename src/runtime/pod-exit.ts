import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';

/** To be called when a container has ended for good and holds no lock: its pod may be done with the last of them. */
export async function podAfterExit(rt: RuntimeContext, { config }: Container): Promise<void> {
  if (config.pod && !config.infra) await (await import('./pod/exit-policy.ts')).afterExit(rt, config.pod);
}
