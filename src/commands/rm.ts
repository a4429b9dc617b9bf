import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { errorText, exitCodeOf } from '../cli/exit-code.ts';
import { hasCode, TspodError } from '../errors.ts';
import { removeWithPod } from '../runtime/remove-with-pod.ts';
import { type Selected, selectContainers } from '../runtime/select.ts';
import { forEachContainer, warner } from './for-each-container.ts';
import { checkSelection, readCidFiles, selectFlags } from './select-flags.ts';
import { stopSeconds, timeFlag } from './stop.ts';

const exitCodes = { NO_SUCH_CONTAINER: 1, CONTAINER_STATE: 2 } as const;

const flags = {
  all: { type: 'boolean', alias: 'a', describe: 'Remove all containers' },
  cidfile: selectFlags.cidfile,
  depend: {
    type: 'boolean',
    describe: 'Remove container and all containers that depend on the selected container',
  },
  // -f is --force here.
  filter: { type: 'list', describe: selectFlags.filter.describe, valueName: 'stringArray' },
  force: { type: 'boolean', alias: 'f', describe: 'Force removal of a running or unusable container' },
  ignore: { type: 'boolean', alias: 'i', describe: 'Ignore errors when a specified container is missing' },
  latest: selectFlags.latest,
  storage: { type: 'boolean', hidden: true, describe: 'Remove container from storage library' },
  time: timeFlag,
  volumes: { type: 'boolean', alias: 'v', describe: 'Remove anonymous volumes associated with the container' },
} as const;

export default defineCommand({
  usage: 'rm [options] CONTAINER [CONTAINER...]',
  describe: 'Remove one or more containers',
  long: `Removes one or more containers from the host. The container name or ID can be used.

  Command does not remove images. Running or unusable containers will not be removed without the -f option.`,
  flags,
  operands: {},
  examples: ['rm ctrID', 'rm mywebserver myflaskserver 860a4b23', 'rm --force --all', 'rm -f ctrID'],
  exitCodes,

  async handler(args, context) {
    checkSelection(args);
    if (args.time !== undefined && !args.force) {
      throw new TspodError('BAD_ARGUMENT', '--force option must be specified to use the --time option');
    }
    const operands = [...args.operands, ...readCidFiles(args.cidfile, args.ignore)];
    const missing: string[] = [];
    const selected = await selectContainers(context.engine, {
      ...args,
      operands,
      onMissing: (name) => missing.push(name),
    });
    const external = removeExternals(missing, args, context);
    const code = await forEachContainer(selected, context, (each) => removeOne(each, args, context), exitCodes);
    return external || code;
  },
});

/** Prints what was named and then the dependants that went with it. */
async function removeOne(
  { container, input }: Selected,
  args: Args<typeof flags>,
  context: Context,
): Promise<string[]> {
  const { id } = container.config;
  const removed = await removeWithPod(context.engine, container, {
    force: args.force,
    volumes: args.volumes,
    timeout: stopSeconds(args.time),
    depend: args.depend || args.all,
    warn: warner(context),
  });
  return removed.length === 0 ? [] : removed.map((each) => (each === id ? input : each));
}

/** Containers of other tools (Buildah) that are in the store only. */
function removeExternals(names: string[], args: Args<typeof flags>, context: Context): number {
  let exitCode = 0;
  for (const name of names) {
    try {
      removeExternal(name, args.force, context);
      context.stdout(`${name}\n`);
    } catch (error) {
      if ((args.ignore || args.force) && hasCode(error, 'NO_SUCH_CONTAINER')) continue;
      context.stderr(errorText(error));
      exitCode = exitCodeOf(error, exitCodes);
    }
  }
  return exitCode;
}

function removeExternal(name: string, force: boolean, { engine }: Context): void {
  const found = engine.store.containers().filter(({ id, names }) => names?.includes(name) || id.startsWith(name));
  const record = found.find(({ id, names }) => id === name || names?.includes(name)) ?? found[0];
  if (!record) {
    const words = `no container with ID or name "${name}" found: no such container`;
    throw new TspodError('NO_SUCH_CONTAINER', words);
  }
  if (force) engine.store.unmountContainer(record.id, { force });
  else if (engine.store.mounts().some(({ id }) => id === record.layer)) {
    const words = `container ${JSON.stringify(name)} is mounted and cannot be removed without using force`;
    throw new TspodError('CONTAINER_STATE', `${words}: container state improper`);
  }
  engine.store.deleteContainer(record.id);
}
