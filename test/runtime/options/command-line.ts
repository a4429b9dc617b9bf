/** A BuildInput from a real command line, on a machine that the test describes. */
import { argsObject, parseArgv } from '../../../src/cli/argv.ts';
import { createFlags } from '../../../src/commands/create-flags.ts';
import { defaultContainersConf } from '../../../src/config/containers-conf-defaults.ts';
import { TspodError } from '../../../src/errors.ts';
import type { ImageExecConfig } from '../../../src/oci/image-spec.ts';
import type { Container } from '../../../src/runtime/container.ts';
import type { HostFacts } from '../../../src/runtime/host-facts.ts';
import { type BuildInput, buildConfig } from '../../../src/runtime/options/build-config.ts';
import type { CreateOptions } from '../../../src/runtime/options/create-options.ts';
import { capabilityNames } from '../../../src/runtime/spec/capability-names.ts';

/** Cgroup v1 with every controller, no CAP_SYS_RESOURCE and 20000 open files: like a container of a CI service. */
export function testHost(changes: Partial<HostFacts> = {}): HostFacts {
  const all = ['memory', 'cpu', 'pids', 'cpuset', 'blkio'];
  return {
    cgroup: { version: 1, hybrid: false, controllers: all, hasFile: () => true, readFile: () => '' },
    boundingCaps: capabilityNames.filter((name) => name !== 'CAP_SYS_RESOURCE'),
    rlimits: { nofile: { soft: 1024, hard: 20000 }, nproc: { soft: 4096, hard: 4096 } },
    rootless: false,
    userns: null,
    oomScoreAdj: 0,
    seccomp: true,
    apparmor: false,
    selinux: false,
    arch: 'amd64',
    kernel: [6, 1],
    hostname: 'machine',
    env: { PATH: '/usr/bin:/bin', SECRET: 'of the host', LC_ONE: '1', LC_TWO: '2' },
    cpus: '0-3',
    memoryNodes: '0',
    ...changes,
  };
}

export interface CommandLine {
  image?: ImageExecConfig;
  host?: Partial<HostFacts>;
  containers?: Container[];
  conf?: (conf: BuildInput['conf']) => void;
}

/** The input for flags and operands; without an image operand the image is taken for granted. */
export function commandLine(argv: string[], { image, host, containers = [], conf }: CommandLine = {}): BuildInput {
  const { values, operands } = parseArgv(argv, [createFlags], true);
  const options = argsObject(createFlags, values, operands) as unknown as CreateOptions;
  const containersConf = defaultContainersConf();
  conf?.(containersConf);
  return {
    options,
    command: operands,
    image: {
      id: 'b'.repeat(64),
      name: 'localhost/test:latest',
      rawName: 'test',
      config: { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, config: image ?? {} },
    },
    createCommand: ['tspod', 'create'],
    conf: containersConf,
    host: testHost(host),
    runtime: { name: 'crun', path: '/usr/bin/crun' },
    isNameTaken: () => false,
    findContainer(name) {
      const found = containers.find(({ config }) => config.name === name || config.id === name);
      if (found) return found;
      throw new TspodError('NO_SUCH_CONTAINER', `no container with name or ID "${name}" found: no such container`);
    },
  };
}

export function configOf(argv: string[], more: CommandLine = {}) {
  return buildConfig(commandLine(argv, more));
}

/** The message with which a command line is refused. */
export async function refusal(argv: string[], more: CommandLine = {}): Promise<string> {
  const config = await configOf(argv, more).catch((error: unknown) => error);
  if (config instanceof TspodError) return config.message;
  throw config instanceof Error ? config : new Error(`${argv.join(' ')} was not refused`);
}
