import { type Context, defineCommand } from '../cli/command.ts';
import { hasCode, messageOf } from '../errors.ts';
import { loadNetworks } from '../network/network-store.ts';
import { removeNetwork } from '../network/remove-network.ts';
import { allPods } from '../runtime/pod/pods.ts';
import { removePod } from '../runtime/pod/remove.ts';
import { removeContainer } from '../runtime/remove.ts';
import { confirmed } from './confirm.ts';

export default defineCommand({
  usage: 'reset [options]',
  describe: 'Reset podman storage',
  long: 'Reset podman storage back to default state\n\n  All containers will be stopped and removed, and all images, volumes, networks and container content will be removed.\n',
  flags: { force: { type: 'boolean', alias: 'f', describe: 'Do not prompt for confirmation' } },

  async handler({ force }, context) {
    if (!force && !confirmed(warning(context), context)) return 0;
    const errors = [...(await removeContainers(context)), ...(await removeNetworks(context))];
    for (const error of errors) context.stderr(`Error: ${messageOf(error)}\n`);
    if (errors.length > 0) return 125;
    context.engine.close();
    await context.engine.store.destroy();
    return 0;
  },
});

async function removeContainers({ engine }: Context): Promise<unknown[]> {
  const options = { force: true, timeout: 0, volumes: true, depend: true };
  const pods = await failures(allPods(engine.state), ({ id }) => removePod(engine, id, options));
  return [
    ...pods,
    ...(await failures(engine.state.list(), ({ config }) => removeContainer(engine, config.id, options))),
  ];
}

/** The default network has no file that could be removed. */
function removeNetworks({ engine: { networkContext } }: Context): Promise<unknown[]> {
  return failures(loadNetworks(networkContext), (network) => removeNetwork(networkContext, network));
}

/** All of them are tried. @returns what failed */
async function failures<T>(items: readonly T[], remove: (item: T) => Promise<unknown>): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      await remove(item);
    } catch (error) {
      if (!hasCode(error, 'NO_SUCH_CONTAINER', 'BAD_ARGUMENT')) errors.push(error);
    }
  }
  return errors;
}

function warning({ engine }: Context): string {
  const { graphRoot, runRoot } = engine.paths;
  const what = ['containers', 'pods', 'images', 'networks', 'build cache', 'machines', 'volumes'];
  const own = new Set(engine.state.list().map(({ config }) => config.id));
  const others = engine.store.containers().filter(({ id }) => !own.has(id));
  const lines = [
    'This will remove:',
    ...what.map((name) => `        - all ${name}`),
    `        - the graphRoot directory: ${JSON.stringify(graphRoot)}`,
    `        - the runRoot directory: ${JSON.stringify(runRoot)}`,
    ...(others.length > 0 ? ['WARNING! The following external containers will be purged:'] : []),
    ...others.map(({ id, names = [] }) => `\t- ${id.slice(0, 12)} (${names[0] ?? ''})`),
  ];
  return lines.join('\n');
}
