import { writeFileSync } from 'node:fs';
import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { commitContainer } from '../image/commit.ts';
import type { ImageExecConfig } from '../oci/image-spec.ts';
import type { ContainerConfig } from '../runtime/container.ts';
import { pauseContainer, unpauseContainer } from '../runtime/pause.ts';
import { selectContainers } from '../runtime/select.ts';
import { copyProgress } from './copy-progress.ts';

const flags = {
  author: { type: 'string', alias: 'a', describe: 'Set the author for the image committed', complete: 'none' },
  change: {
    type: 'list',
    alias: 'c',
    describe: 'Instruction of a Dockerfile to apply to the image',
    complete: 'none',
  },
  config: { type: 'string', describe: 'File with a configuration to merge', unsupported: 'not built yet' },
  format: { type: 'string', alias: 'f', default: 'oci', describe: 'Format of the image manifest and metadata' },
  iidfile: { type: 'string', describe: 'File to write the image ID to', complete: 'files' },
  'include-volumes': { type: 'boolean', describe: 'Include container volumes as image volumes' },
  message: { type: 'string', alias: 'm', describe: 'Set commit message for imported image', complete: 'none' },
  pause: { type: 'boolean', alias: 'p', describe: 'Pause container during commit' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Suppress output' },
  squash: { type: 'boolean', alias: 's', describe: 'Make one layer of all', unsupported: 'not built yet' },
} as const;

export default defineCommand({
  usage: 'commit [options] CONTAINER [IMAGE]',
  describe: 'Create new image based on the changed container',
  long: 'Makes an image of what a container wrote and of the configuration it was created with.',
  flags,
  operands: { min: 1, max: 2 },
  examples: [
    'commit -q --message "committing container to image" reverent_golick image-committed',
    'commit -q --author "firstName lastName" reverent_golick image-committed',
    'commit containerID',
  ],

  async handler(args, context) {
    const [name = '', reference] = args.operands;
    const [selected] = await selectContainers(context.engine, { operands: [name] });
    if (!selected) return;
    const { config, state } = selected.container;
    check(args, config);
    const paused = args.pause && state.status === 'running';
    if (paused) await pauseContainer(context.engine, config.id);
    try {
      const id = await commit(config, reference, args, context);
      if (args.iidfile) writeFileSync(args.iidfile, id);
      context.stdout(`${id}\n`);
    } finally {
      if (paused) await unpauseContainer(context.engine, config.id);
    }
  },
});

async function commit(
  config: ContainerConfig,
  reference: string | undefined,
  args: Args<typeof flags>,
  context: Context,
): Promise<string> {
  const { id: containerId, imageName } = config;
  const progress = copyProgress(context, args.quiet);
  const { author, message, change: changes } = args;
  const format = args.format === 'docker' ? 'docker' : 'oci';
  const options = { author, message, changes, format, reference, onProgress: progress.onProgress } as const;
  try {
    const exec = execConfig(config, args.includeVolumes);
    return await commitContainer(context.engine, { containerId, imageName, exec }, options);
  } finally {
    progress.end();
  }
}

function check({ format, message }: Args<typeof flags>, { rootfs }: ContainerConfig): void {
  if (format !== 'oci' && format !== 'docker') throw bad(`unrecognized image format ${JSON.stringify(format)}`);
  if (format === 'oci' && message) throw bad('messages are only compatible with the docker image format (-f docker)');
  if (rootfs) throw bad('cannot commit a container that uses an exploded rootfs');
}

/** Anonymous volumes stay volumes; all others only when they are asked for. */
function execConfig(config: ContainerConfig, includeVolumes: boolean): ImageExecConfig {
  const { entrypoint, command, env, user, labels, workDir } = config;
  const ports = [...config.ports.map((port) => `${port.containerPort}/${port.protocol}`), ...config.exposedPorts];
  const named = config.volumes.filter(({ anonymous }) => anonymous || includeVolumes);
  const places = [...named, ...(includeVolumes ? config.mounts : [])].map(({ destination }) => destination);
  return {
    Entrypoint: entrypoint.length > 0 ? entrypoint : null,
    Cmd: command.length > 0 ? command : null,
    Env: env,
    ...(ports.length > 0 && { ExposedPorts: keys(ports) }),
    ...(Object.keys(labels).length > 0 && { Labels: labels }),
    ...(user && { User: user }),
    ...(places.length > 0 && { Volumes: keys(places) }),
    WorkingDir: workDir,
  };
}

function keys(names: string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
