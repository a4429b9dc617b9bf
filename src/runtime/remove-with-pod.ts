import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { type RemoveOptions, removeContainer } from './remove.ts';

/**
 * As removeContainer. With `depend` an infra container goes with its whole pod; one whose pod is gone already is a
 * container like others.
 */
export async function removeWithPod(
  rt: RuntimeContext,
  { config }: Container,
  options: RemoveOptions,
): Promise<string[]> {
  if (!config.infra) return removeContainer(rt, config.id, options);
  const [{ getPod }, { removePod }] = await Promise.all([import('./pod/pods.ts'), import('./pod/remove.ts')]);
  if (!getPod(rt.state, config.pod)) return removeContainer(rt, config.id, { ...options, withPod: true });
  return options.depend ? removePod(rt, config.pod, options) : removeContainer(rt, config.id, options);
}
