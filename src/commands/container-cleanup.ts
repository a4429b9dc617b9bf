import { defineCommand } from '../cli/command.ts';
import { hasCode, TspodError } from '../errors.ts';
import { cleanupContainer } from '../runtime/cleanup.ts';
import { removeContainer } from '../runtime/remove.ts';
import { selectContainers } from '../runtime/select.ts';
import { forEachContainer } from './for-each-container.ts';
import { removeImageOf } from './remove-image-of.ts';
import { checkSelection, selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'cleanup [options] CONTAINER [CONTAINER...]',
  describe: 'Clean up network and mountpoints of one or more containers',
  long: `podman container cleanup

   Cleans up mount points and network stacks on one or more containers from the host. The container name or ID can be used. This command is used internally when running containers, but can also be used if container cleanup has failed when a container exits.`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Cleans up all containers' },
    exec: { type: 'string', describe: 'Clean up the given exec session instead of the container' },
    latest: selectFlags.latest,
    rm: { type: 'boolean', describe: 'After cleanup, remove the container entirely' },
    rmi: { type: 'boolean', describe: 'After cleanup, remove the image entirely' },
    unhealthy: {
      type: 'string',
      hidden: true,
      describe: 'Called by the monitor: do what failed health checks ask for',
    },
    'stopped-only': {
      type: 'boolean',
      hidden: true,
      describe: 'Only cleanup when the container is in the stopped state',
    },
  },
  operands: {},
  examples: ['container cleanup ctrID1 ctrID2 ctrID3', 'container cleanup --all'],

  async handler(args, context) {
    checkSelection(args);
    const { engine } = context;
    const sessionId = args.exec;
    if (sessionId !== undefined) {
      refuse(args.all, '--all and --exec cannot be set together');
      refuse(args.rmi, '--exec and --rmi cannot be set together');
      refuse(args.operands.length > 1, 'cannot use exec option when more than one container is given');
      const { cleanupExec } = await import('../runtime/exec.ts');
      const [{ container } = {}] = await selectContainers(engine, { ...args, ignore: true });
      if (container) cleanupExec(engine, sessionId, container.config.id);
      return 0;
    }
    const selected = await selectContainers(engine, { ...args, ignore: args.stoppedOnly });
    if (args.unhealthy !== undefined) {
      const { actOnFailure } = await import('../runtime/health/act.ts');
      const failure = args.unhealthy === 'startup' ? 'startup' : 'unhealthy';
      for (const { container } of selected) await actOnFailure(engine, container.config.id, failure);
      return 0;
    }
    return forEachContainer(selected, context, async ({ container }) => {
      const { id } = container.config;
      try {
        await cleanupContainer(engine, id);
        if (args.rm) await removeContainer(engine, id, { volumes: true });
      } catch (error) {
        // The monitor calls this for containers that somebody else took care of.
        if (!hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
      }
      await removeImageOf(container.config, context);
    });
  },
});

function refuse(wrong: boolean, words: string): void {
  if (wrong) throw new TspodError('BAD_ARGUMENT', words);
}
