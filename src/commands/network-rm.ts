import { type Context, defineCommand } from '../cli/command.ts';
import { hasCode, TspodError } from '../errors.ts';
import { findNetwork } from '../network/network-store.ts';
import { removeNetwork } from '../network/remove-network.ts';
import { networkEvent } from '../runtime/events.ts';
import { usersOfNetwork } from '../runtime/network-users.ts';
import { removeWithPod } from '../runtime/remove-with-pod.ts';
import { forEachOperand } from './each.ts';
import { stopSeconds, timeFlag } from './stop.ts';

const exitCodes = { NO_SUCH_NETWORK: 1 } as const;

export default defineCommand({
  usage: 'rm [options] NETWORK [NETWORK...]',
  describe: 'Remove networks',
  flags: {
    force: { type: 'boolean', alias: 'f', describe: 'remove any containers using network' },
    time: timeFlag,
  },
  operands: { min: 1, complete: 'networks' },
  examples: ['network rm podman'],
  exitCodes,

  handler({ force, time, operands }, context) {
    if (time !== undefined && !force) {
      throw new TspodError('BAD_ARGUMENT', '--force option must be specified to use the --time option');
    }
    return forEachOperand(
      operands,
      context,
      async (name) => {
        try {
          await removeOne(name, force, stopSeconds(time), context);
          return name;
        } catch (error) {
          if (force && hasCode(error, 'NO_SUCH_NETWORK')) return;
          throw error;
        }
      },
      exitCodes,
    );
  },
});

async function removeOne(
  nameOrId: string,
  force: boolean,
  timeout: ReturnType<typeof stopSeconds>,
  { engine }: Context,
): Promise<void> {
  const network = findNetwork(engine.networkContext, nameOrId);
  const users = usersOfNetwork(engine, network.name);
  if (users.length > 0 && !force) {
    const hint = 'Use -f to forcibly delete containers and pods: network is being used';
    throw new TspodError('NETWORK_FAILED', `"${nameOrId}" has associated containers with it. ${hint}`, { exitCode: 2 });
  }
  for (const user of users) {
    await removeWithPod(engine, user, { force: true, volumes: true, timeout, depend: user.config.infra !== undefined });
  }
  await removeNetwork(engine.networkContext, network);
  networkEvent(engine, 'remove', network);
}
