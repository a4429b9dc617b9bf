import { TspodError } from '../errors.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { withContainer } from './locks.ts';

const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Gives a container another name. NAME_IN_USE, BAD_ARGUMENT. */
export function renameContainer(rt: RuntimeContext, id: string, name: string): Promise<void> {
  if (!validName.test(name)) throw badName(name);
  return withContainer(rt, id, ({ config }) => {
    if (config.name === name) return;
    rt.state.saveConfig({ ...config, name });
    if (!config.rootfs) rt.store.rename(id, name);
    containerEvent(rt, { ...config, name }, 'rename');
  });
}

function badName(name: string): TspodError {
  const words = `invalid name "${name}": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`;
  return new TspodError('BAD_ARGUMENT', words);
}
