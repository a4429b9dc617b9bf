import { type Context, defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { selectContainers } from '../runtime/select.ts';
import { forEachOperand } from './each.ts';
import { externalContainers, mounted } from './mount.ts';

export default defineCommand({
  usage: 'unmount [options] CONTAINER [CONTAINER...]',
  describe: "Unmount working container's root filesystem",
  long: `Container storage increments a mount counter each time a container is mounted.

  When a container is unmounted, the mount counter is decremented. The container's root filesystem is physically unmounted only when the mount counter reaches zero indicating no other processes are using the mount.

  An unmount can be forced with the --force flag.
`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Unmount all of the currently mounted containers' },
    force: {
      type: 'boolean',
      alias: 'f',
      describe: 'Force the complete unmount of the specified mounted containers',
    },
    latest: { type: 'boolean', alias: 'l', describe: 'Act on the latest container podman is aware of' },
  },
  operands: { complete: 'containers' },
  examples: ['unmount ctrID', 'unmount ctrID1 ctrID2 ctrID3', 'unmount --all'],

  async handler(args, context) {
    if (args.all && args.latest) {
      throw new TspodError('BAD_ARGUMENT', '--all and --latest cannot be used together');
    }
    if (args.operands.length > 0 && args.latest) {
      throw new TspodError('BAD_ARGUMENT', '--latest and containers cannot be used together');
    }
    if (args.operands.length > 0 && args.all) {
      throw new TspodError('BAD_ARGUMENT', 'no arguments are needed with --all');
    }
    if (args.operands.length === 0 && !args.all && !args.latest) {
      throw new TspodError('BAD_ARGUMENT', 'you must provide at least one name or id');
    }
    const ids = args.all ? mountedAndIdle(context) : await named(args, context);
    return forEachOperand([...ids.keys()], context, (input) => {
      context.engine.store.unmountContainer(ids.get(input) ?? input, { force: args.force });
      return input;
    });
  },
});

/** A running container keeps its root: it is passed over, as Podman does. */
function mountedAndIdle(context: Context): Map<string, string> {
  const running = runningIds(context);
  const idle = mounted(context).filter(({ id }) => !running.has(id));
  return new Map(idle.map(({ id }) => [id, id]));
}

async function named(args: { operands: string[]; latest: boolean }, context: Context): Promise<Map<string, string>> {
  const external = externalContainers(args.operands, context);
  const ids = new Map([...external].map(([input, record]) => [input, record.id]));
  const operands = args.operands.filter((operand) => !external.has(operand));
  if (operands.length === 0 && !args.latest) return ids;
  const running = runningIds(context);
  for (const { container } of await selectContainers(context.engine, { operands, latest: args.latest })) {
    if (!running.has(container.config.id)) ids.set(container.config.id, container.config.id);
  }
  return ids;
}

function runningIds({ engine }: Context): Set<string> {
  return new Set(engine.state.list().flatMap(({ config, state }) => (state.pid > 0 ? [config.id] : [])));
}
