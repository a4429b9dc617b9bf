import { type Context, defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { removeVolume } from '../runtime/volumes.ts';
import type { VolumeRecord } from '../storage/volume-store.ts';
import { confirmed } from './confirm.ts';
import { forEachOperand } from './each.ts';
import { volumeFilter } from './volume-filter.ts';
import { usersOf } from './volume-report.ts';

const allowed = /^(after|since|label!?|until)=/;

export default defineCommand({
  usage: 'prune [options]',
  describe: 'Remove all unused volumes',
  long: 'Volumes that are not currently owned by a container will be removed.\n\n  The command prompts for confirmation which can be overridden with the --force flag.\n  Note all data will be destroyed.',
  flags: {
    filter: { type: 'list', valueName: 'stringArray', describe: "Provide filter values (e.g. 'label=<key>=<value>')" },
    force: { type: 'boolean', alias: 'f', describe: 'Do not prompt for confirmation' },
  },

  handler(args, context) {
    const unused = unusedVolumes(args.filter, context);
    if (!args.force && !isWanted(unused, context)) return 0;
    const names = unused.map((volume) => volume.name);
    return forEachOperand(names, context, (name) => {
      removeVolume(context.engine, name);
      return name;
    });
  },
});

/** Volumes of tspod that no container uses and that fit. @throws BAD_ARGUMENT */
export function unusedVolumes(filters: readonly string[], { engine }: Context): VolumeRecord[] {
  for (const filter of filters) {
    if (allowed.test(filter)) continue;
    throw new TspodError('BAD_ARGUMENT', `"${filter.split('=')[0]}" is an invalid volume filter`);
  }
  const containers = engine.state.list();
  const fits = volumeFilter(filters, { containers, find: (name) => engine.store.findVolume(name) });
  const volumes = engine.store.volumes().filter((volume) => !volume.foreign && fits(volume));
  return volumes.filter((volume) => usersOf(volume.name, containers).length === 0);
}

function isWanted(volumes: VolumeRecord[], context: Context): boolean {
  const title =
    'This will remove all volumes not used by at least one container. The following volumes will be removed:';
  if (volumes.length > 0) return confirmed([title, ...volumes.map(({ name }) => name)].join('\n'), context);
  context.stdout(`WARNING! ${title}\nNo dangling volumes found\n`);
  return false;
}
