/** From flags, image and configuration files to all that is recorded of a new container. */

import { posix, resolve } from 'node:path';
import { timestamp } from '../../system/clock.ts';
import { randomBytes } from '../../system/random.ts';
import type { ContainerConfig } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { buildCommand } from './command.ts';
import { checkName, generateName } from './container-name.ts';
import { checkDeviceRule, parseDevice } from './device.ts';
import { buildEnv } from './environment.ts';
import { buildHealth } from './health.ts';
import { buildAnnotations, buildLabels } from './labels.ts';
import { checkPidsLimit, checkUnified } from './limits.ts';
import { buildLog } from './log.ts';
import { buildMounts } from './mounts.ts';
import { buildHostname, buildNames } from './names.ts';
import { buildNamespaces } from './namespaces.ts';
import { buildNetwork } from './network.ts';
import { buildPorts } from './published.ts';
import { buildResources } from './resources.ts';
import { parseRestart } from './restart.ts';
import { buildSecurity } from './security.ts';
import { buildSettings } from './settings.ts';
import { buildSysctls } from './sysctls.ts';
import { buildUlimits } from './ulimits.ts';

export type { BuildImage, BuildInput } from './build-input.ts';

/**
 * The configuration of a container that does not exist yet.
 * @throws BAD_ARGUMENT with Podman's words, UNSUPPORTED for what tspod or this machine cannot do
 */
export async function buildConfig(input: BuildInput): Promise<ContainerConfig> {
  const { options } = input;
  const id = randomBytes(32).toString('hex');
  // Docker's names begin with a slash in its API, and so users write them.
  const name = options.name ? checkName(options.name.replace(/^\//, '')) : generateName(input.isNameTaken);
  const { usernsUser, ...namespaces } = buildNamespaces(input);
  const network = buildNetwork(input);
  const resources = buildResources(input);
  checkPidsLimit(input);
  checkUnified(resources, input.host);
  return {
    ...identity(input, id, name),
    ...process(input, usernsUser),
    ...namespaces,
    ...network,
    ...buildNames(input, network),
    ...(await publishedPorts(input, network.network.mode)),
    publishAll: options.publishAll,
    hostname: buildHostname(input, { id, name, network: network.network, uts: namespaces.uts }),
    hostnameSet: Boolean(options.hostname),
    ...buildMounts(input),
    volumesFrom: options.volumesFrom,
    ...devices(input),
    ...buildSecurity(input),
    resources,
    ...buildUlimits(input),
    sysctls: buildSysctls(input, { ...network, ...namespaces }),
    log: buildLog(input),
    ...buildHealth(input),
    ...buildSettings(input, namespaces),
  };
}

type Identity = 'id' | 'name' | 'created' | 'createCommand' | 'imageName' | 'rawImageName' | 'imageId';

function identity(
  { image, rootfs, createCommand }: BuildInput,
  id: string,
  name: string,
): Pick<ContainerConfig, Identity | 'rootfs' | 'rootfsOverlay'> {
  const [path = '', option, extra] = (rootfs ?? '').split(':');
  if (extra !== undefined || (option !== undefined && option !== 'O')) {
    badArgument(`invalid --rootfs option ${JSON.stringify(rootfs)}: only :O is supported`);
  }
  return {
    id,
    name,
    created: timestamp(),
    createCommand,
    imageName: image?.name ?? '',
    rawImageName: image?.rawName ?? '',
    imageId: image?.id ?? '',
    rootfs: path && resolve(path),
    rootfsOverlay: option === 'O',
  };
}

type ProcessKeys = 'env' | 'workDir' | 'createWorkDir' | 'user' | 'groupAdd' | 'umask' | 'terminal' | 'stdin';

function process(
  input: BuildInput,
  usernsUser: string | undefined,
): Pick<ContainerConfig, ProcessKeys | 'labels' | 'annotations' | 'restart'> & ReturnType<typeof buildCommand> {
  const { options, image, conf } = input;
  const umask = options.umask ?? conf.containers.umask;
  if (umask && !/^[0-7]{1,4}$/.test(umask)) badArgument(`invalid umask string ${umask}: invalid argument`);
  const keepGroups = options.groupAdd.includes('keep-groups');
  if (keepGroups && options.groupAdd.length > 1) {
    badArgument("the '--group-add keep-groups' option is not allowed with any other --group-add options");
  }
  return {
    ...buildCommand(input),
    env: buildEnv(input),
    ...workingDirectory(options.workdir, image?.config.config?.WorkingDir),
    user: options.user ?? usernsUser ?? image?.config.config?.User ?? '',
    groupAdd: keepGroups ? [] : options.groupAdd,
    ...(keepGroups && { keepGroups }),
    umask,
    terminal: options.tty,
    stdin: options.interactive,
    labels: buildLabels(input),
    annotations: buildAnnotations(input),
    restart: parseRestart(options.restart),
  };
}

/** A folder in /proc could be one of the host's, by way of an open file of the runtime (CVE-2024-21626). */
const procLink = /^\/proc\/(self|thread-self|\d+)\/(fd|root|cwd|task)(\/|$)/;

function workingDirectory(given: string | undefined, image: string | undefined) {
  if (given && !given.startsWith('/')) {
    badArgument(`the working directory '${given}' is invalid, it needs to be an absolute path`);
  }
  const workDir = posix.join('/', given || image || '');
  if (procLink.test(workDir)) badArgument(`the working directory "${workDir}" is not allowed`);
  return { workDir: workDir.length > 1 ? workDir.replace(/\/$/, '') : workDir, createWorkDir: !given };
}

/** Ports of a container without a network of its own go nowhere; Podman drops them with a warning, and so the caller does. */
async function publishedPorts(
  input: BuildInput,
  mode: string,
): Promise<Pick<ContainerConfig, 'ports' | 'exposedPorts'>> {
  const ports = await buildPorts(input);
  return ['bridge', 'pasta', 'slirp4netns'].includes(mode) ? ports : { ...ports, ports: [] };
}

function devices({ options }: BuildInput): Pick<ContainerConfig, 'devices' | 'deviceCgroupRules'> {
  return {
    devices: options.device.map(parseDevice),
    deviceCgroupRules: options.deviceCgroupRule.map(checkDeviceRule),
  };
}
