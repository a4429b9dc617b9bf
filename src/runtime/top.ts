/** The running processes of a container, as `top` shows them. */
import { TspodError } from '../errors.ts';
import type { RuntimeContext } from './context.ts';
import { current } from './sync.ts';
import { defaultDescriptors, findDescriptor, topFacts } from './top-descriptors.ts';
import { identityOf } from './top-identity.ts';
import { containerProcesses } from './top-process.ts';
import { runPs } from './top-ps.ts';

/**
 * Lines with tab-separated cells, the heading first. What is no descriptor of ours goes to ps(1), for Docker's sake.
 * CONTAINER_STATE when it does not run.
 */
export async function topContainer(rt: RuntimeContext, nameOrId: string, wanted: readonly string[]): Promise<string[]> {
  const container = await current(rt, rt.state.find(nameOrId));
  if (container?.state.status !== 'running') {
    throw new TspodError('CONTAINER_STATE', 'top can only be used on running containers');
  }
  const names = wanted
    .flatMap((each) => each.split(','))
    .map((name) => name.trim())
    .filter(Boolean);
  const columns = (names.length > 0 ? names : defaultDescriptors).map(findDescriptor);
  if (columns.every((column) => column !== undefined)) {
    const facts = topFacts(identityOf(container.state.pid));
    const rows = containerProcesses(container.state.pid).map((process) =>
      columns.map((column) => column.value(process, facts)),
    );
    return [columns.map(({ header }) => header), ...rows].map((cells) => cells.join('\t'));
  }
  const [only = '', ...more] = wanted;
  const args = more.length > 0 ? [...wanted] : shellWords(only);
  // Our own ps is no process of the container.
  const command = wanted.join(' ');
  return runPs(rt, container, args).filter((line) => !line.includes(command));
}

/** One argument with spaces is split as a shell would. */
function shellWords(text: string): string[] {
  const words = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
