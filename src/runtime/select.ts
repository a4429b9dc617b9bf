/** Which containers a command means: operands, --all, --latest, --filter. */
import { hasCode, TspodError } from '../errors.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { containerFilter } from './filters.ts';
import { currentContainers } from './sync.ts';

export interface Selection {
  operands?: readonly string[];
  all?: boolean;
  latest?: boolean;
  /** `KEY=VALUE` each. */
  filter?: readonly string[];
  /** Only running ones (restart --running). */
  running?: boolean;
  /** Operands that do not exist are skipped. */
  ignore?: boolean;
  /** Receives them instead of an error. */
  onMissing?: (name: string) => void;
}

export interface Selected {
  container: Container;
  /** What the user typed, or the id: what the command prints. */
  input: string;
}

/** All of them or an error: nothing is done when one operand names nothing. NO_SUCH_CONTAINER, AMBIGUOUS_NAME. */
export async function selectContainers(rt: RuntimeContext, selection: Selection): Promise<Selected[]> {
  const { operands = [], all, latest, filter = [], running } = selection;
  if (filter.length > 0) return filtered(rt, operands, filter);
  if (running) return byId((await currentContainers(rt)).filter(({ state }) => state.status === 'running'));
  if (all) return byId(await currentContainers(rt));
  if (latest) return byId([latestContainer(rt)]);
  return operands.flatMap((operand) => lookUp(rt, operand, missingHandler(selection)));
}

/** The container that was created last. NO_SUCH_CONTAINER when there is none. */
export function latestContainer(rt: RuntimeContext): Container {
  const newest = rt.state.list().reduce<Container | null>((best, container) => {
    return best && best.config.created > container.config.created ? best : container;
  }, null);
  if (!newest) throw new TspodError('NO_SUCH_CONTAINER', 'no such container');
  return newest;
}

function lookUp(rt: RuntimeContext, operand: string, onMissing?: (name: string) => void): Selected[] {
  // Docker prints names with a slash in front, and so may be given them.
  const input = operand.replace(/^\//, '');
  try {
    return [{ container: rt.state.find(input), input }];
  } catch (error) {
    if (!onMissing || !hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
    onMissing(input);
    return [];
  }
}

function missingHandler({ ignore, onMissing }: Selection): ((name: string) => void) | undefined {
  return onMissing ?? (ignore ? () => undefined : undefined);
}

async function filtered(
  rt: RuntimeContext,
  operands: readonly string[],
  filter: readonly string[],
): Promise<Selected[]> {
  const fits = containerFilter(rt, filter);
  const chosen = (await currentContainers(rt)).filter(fits);
  if (operands.length === 0) return byId(chosen);
  const ids = new Set(chosen.map(({ config }) => config.id));
  return operands.flatMap((operand) => lookUp(rt, operand)).filter(({ container }) => ids.has(container.config.id));
}

function byId(containers: Container[]): Selected[] {
  return containers.map((container) => ({ container, input: container.config.id }));
}
