import { statSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { ContainerConfig } from '../runtime/container.ts';
import { hostFacts } from '../runtime/host-facts.ts';
import type { CreateOptions } from '../runtime/options/create-options.ts';
import { setFromLine } from '../runtime/options/environment.ts';
import { updateHealth } from '../runtime/options/health-update.ts';
import { buildResources } from '../runtime/options/resources.ts';
import { parseRestart } from '../runtime/options/restart.ts';
import { parseUlimit } from '../runtime/options/ulimits.ts';
import { selectContainers } from '../runtime/select.ts';
import { updateContainer } from '../runtime/update.ts';
import { healthFlags } from './create-flags-health.ts';
import { resourceFlags } from './create-flags-resources.ts';
import { checkSelection, selectFlags } from './select-flags.ts';

const limits = resourceFlags;
const flags = defineFlags({
  'blkio-weight': limits['blkio-weight'],
  'blkio-weight-device': limits['blkio-weight-device'],
  'cpu-period': limits['cpu-period'],
  'cpu-quota': limits['cpu-quota'],
  'cpu-rt-period': limits['cpu-rt-period'],
  'cpu-rt-runtime': limits['cpu-rt-runtime'],
  'cpu-shares': limits['cpu-shares'],
  cpus: limits.cpus,
  'cpuset-cpus': limits['cpuset-cpus'],
  'cpuset-mems': limits['cpuset-mems'],
  'device-read-bps': limits['device-read-bps'],
  'device-read-iops': limits['device-read-iops'],
  'device-write-bps': limits['device-write-bps'],
  'device-write-iops': limits['device-write-iops'],
  env: { type: 'list', alias: 'e', describe: 'Set an environment variable (KEY=VALUE)', complete: 'none' },
  ...healthFlags,
  latest: selectFlags.latest,
  memory: limits.memory,
  'memory-reservation': limits['memory-reservation'],
  'memory-swap': limits['memory-swap'],
  'memory-swappiness': limits['memory-swappiness'],
  'pids-limit': limits['pids-limit'],
  restart: { type: 'string', describe: 'Restart policy to apply when a container exits' },
  ulimit: limits.ulimit,
  unsetenv: { type: 'list', describe: 'Remove an environment variable', complete: 'none' },
});

type UpdateArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'update [options] CONTAINER',
  describe: 'Update an existing container',
  long: 'Changes limits of a container, its restart policy, health checks and environment.',
  flags,
  operands: { max: 1, complete: 'containers' },
  examples: ['update --cpus=5 foobar_container'],

  async handler(args, context) {
    checkSelection(args);
    const { engine, stdout } = context;
    checkBlockDevices(args);
    const [selected] = await selectContainers(engine, args);
    if (!selected) return;
    const { id } = selected.container.config;
    await updateContainer(engine, id, (config) => changed(config, args, context));
    stdout(`${id}\n`);
  },
});

function changed(config: ContainerConfig, args: UpdateArgs, context: Context): ContainerConfig {
  const { given } = args;
  const wanted = newLimits(args, context);
  return {
    ...updateHealth(config, args),
    ...(Object.keys(wanted).length > 0 && { resources: { ...config.resources, ...wanted } }),
    ...(given.has('restart') && { restart: parseRestart(args.restart) }),
    ...(given.has('ulimit') && newUlimits(config, args.ulimit)),
    ...((given.has('env') || given.has('unsetenv')) && { env: newEnv(config.env, args) }),
  };
}

/** Only what was named: the defaults of `run` are none here. */
function newLimits(args: UpdateArgs, { engine }: Context): ContainerConfig['resources'] {
  const { conf } = engine;
  const options = { ...args, cgroupConf: [], oomKillDisable: false } as unknown as CreateOptions;
  const containers = { ...conf.containers, cgroupConf: [], pidsLimit: 0 };
  // It reads the limits among the options, and all of them are here.
  const input = { options, conf: { ...conf, containers }, host: hostFacts() } as unknown as Parameters<
    typeof buildResources
  >[0];
  return buildResources(input);
}

function newUlimits(before: ContainerConfig, texts: string[]): Pick<ContainerConfig, 'ulimits' | 'ulimitHost'> {
  if (texts.includes('host')) return { ulimits: [], ulimitHost: true };
  const all = [...before.ulimits, ...texts.map(parseUlimit)];
  return { ulimits: [...new Map(all.map((limit) => [limit.name, limit])).values()], ulimitHost: false };
}

function newEnv(before: string[], { env, unsetenv }: UpdateArgs): string[] {
  const variables = new Map<string, string>();
  for (const line of [...before, ...env]) setFromLine(variables, line, process.env);
  for (const name of unsetenv) variables.delete(name);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

/** @throws BAD_ARGUMENT */
function checkBlockDevices(args: UpdateArgs): void {
  const { blkioWeightDevice, deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops } = args;
  for (const text of [blkioWeightDevice, deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops].flat()) {
    const [path = ''] = text.split(':');
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isBlockDevice()) throw new TspodError('BAD_ARGUMENT', `${path}: not a block device`);
  }
}
