import { type Context, defineCommand } from '../cli/command.ts';
import { hasCode, TspodError } from '../errors.ts';
import { removeWithPod } from '../runtime/remove-with-pod.ts';
import { removeVolume } from '../runtime/volumes.ts';
import { forEachOperand } from './each.ts';
import { stopSeconds, timeFlag } from './stop.ts';
import { usersOf } from './volume-report.ts';

const exitCodes = { NO_SUCH_VOLUME: 1, CONTAINER_STATE: 2 } as const;

export default defineCommand({
  usage: 'rm [options] VOLUME [VOLUME...]',
  describe: 'Remove one or more volumes',
  long: 'Remove one or more existing volumes.\n\n  By default only volumes that are not being used by any containers will be removed. To remove the volumes anyways, use the --force flag.',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Remove all volumes' },
    force: {
      type: 'boolean',
      alias: 'f',
      describe: 'Remove a volume by force, even if it is being used by a container',
    },
    time: timeFlag,
  },
  operands: { complete: 'volumes' },
  examples: ['volume rm myvol1 myvol2', 'volume rm --all', 'volume rm --force myvol'],
  exitCodes,

  handler(args, context) {
    if (args.all === args.operands.length > 0) {
      throw new TspodError('BAD_ARGUMENT', 'choose either one or more volumes or all');
    }
    if (args.time !== undefined && !args.force) {
      throw new TspodError('BAD_ARGUMENT', '--force option must be specified to use the --time option');
    }
    const names = args.all ? context.engine.store.volumes().map((volume) => volume.name) : args.operands;
    const options = { force: args.force, timeout: stopSeconds(args.time) };
    return forEachOperand(names, context, (name) => removeOne(name, options, context), exitCodes);
  },
});

interface RemoveVolumeOptions {
  force: boolean;
  timeout: number | undefined;
}

async function removeOne(name: string, options: RemoveVolumeOptions, { engine }: Context): Promise<string> {
  try {
    const volume = engine.store.findVolume(name);
    const users = usersOf(volume.name, engine.state.list());
    if (users.length > 0 && !options.force)
      throw inUse(
        volume.name,
        users.map(({ config }) => config.id),
      );
    for (const user of users) {
      const depend = user.config.infra !== undefined;
      await removeWithPod(engine, user, { force: true, timeout: options.timeout, depend });
    }
    // A user may have been the only one to keep an anonymous volume.
    if (engine.store.volumeByName(volume.name)) removeVolume(engine, volume.name);
    return name;
  } catch (error) {
    if (options.force && hasCode(error, 'NO_SUCH_VOLUME')) return '';
    throw error;
  }
}

function inUse(name: string, ids: string[]): TspodError {
  const who = ids.join(', ');
  const words = `volume ${name} is being used by the following container(s): ${who}: volume is being used`;
  return new TspodError('CONTAINER_STATE', words);
}
