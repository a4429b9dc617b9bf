/** The OCI runtime configuration of one start of a container. */
import type { Linux, Process, Spec } from '../../oci/runtime-spec.ts';
import { annotationsFor, filterAnnotation } from './annotations.ts';
import { capabilitiesFor } from './capabilities.ts';
import { cgroupsPath } from './cgroups-path.ts';
import { initDestination } from './destinations.ts';
import { type DeviceSet, devicesFor } from './devices.ts';
import { hooksFor } from './hooks.ts';
import type { SpecInput } from './input.ts';
import { maskedPaths, readonlyPaths } from './masked-paths.ts';
import { mountsFor, rootPropagation } from './mounts.ts';
import { namespacesFor } from './namespaces.ts';
import { processEnv } from './process-env.ts';
import { resourcesFor } from './resources.ts';
import { rlimitsFor } from './rlimits.ts';
import { seccompFor } from './seccomp.ts';
import { sysctlsFor } from './sysctls.ts';
import { lookUpUser, type ProcessUser } from './user.ts';
import { splitMap } from './userns.ts';

export type { SpecFiles, SpecInput } from './input.ts';

/**
 * Makes the spec. Reads nothing but files inside the root file system (by safe path), the seccomp profile and device
 * nodes of the host.
 * @throws BAD_ARGUMENT when user or groups do not exist, BAD_CONFIG for an unusable seccomp profile, SYSTEM for a
 * device that is missing.
 */
export function generateSpec(input: SpecInput): Spec {
  const { config } = input;
  const user = lookUpUser(input);
  const mounts = mountsFor(input, user);
  const hooks = hooksFor(input);
  const hostname = config.uts.mode === 'private' ? config.hostname : '';
  return {
    // Old runtimes compare this string with "1.0"; nothing newer is needed here.
    ociVersion: '1.0.2',
    process: processFor(input, user),
    root: { path: input.rootfs, ...(config.readOnly && { readonly: true }) },
    ...(hostname && { hostname }),
    mounts,
    ...(hooks && { hooks }),
    annotations: { ...annotationsFor(config), ...(input.filter && { [filterAnnotation]: input.filter }) },
    linux: linuxFor(input, mounts),
  };
}

/** config.json. Infinite limits become the largest 64 bit number, which no number of JavaScript can say. */
export function stringifySpec(spec: Spec): string {
  const text = JSON.stringify(spec, (_, value: unknown) => (value === Number.POSITIVE_INFINITY ? '∞' : value));
  // Quotes within a string are escaped: nothing that a user wrote can look like this.
  return text.replace(/"(soft|hard)":"∞"/g, '"$1":18446744073709551615');
}

function processFor(input: SpecInput, user: ProcessUser): Process {
  const { config } = input;
  const rlimits = rlimitsFor(config, input.host);
  return {
    terminal: config.terminal,
    user: {
      uid: user.uid,
      gid: user.gid,
      ...(config.umask && { umask: Number.parseInt(config.umask, 8) }),
      ...(user.additionalGids.length > 0 && { additionalGids: user.additionalGids }),
    },
    args: commandOf(input),
    env: processEnv(input, user),
    cwd: config.workDir,
    capabilities: capabilitiesFor(config, input.host, user),
    ...(rlimits.length > 0 && { rlimits }),
    ...(config.noNewPrivileges && { noNewPrivileges: true }),
    ...(apparmorProfile(input) && { apparmorProfile: apparmorProfile(input) }),
    ...(config.oomScoreAdj !== null && { oomScoreAdj: oomScoreAdj(config.oomScoreAdj, input.host) }),
  };
}

function commandOf({ config }: SpecInput): string[] {
  const command = [...config.entrypoint, ...config.command];
  return config.init ? [initDestination, '--', ...command] : command;
}

function apparmorProfile({ config, conf, host }: SpecInput): string {
  if (!host.apparmor || (config.privileged && !config.apparmorProfile)) return '';
  return config.apparmorProfile || conf.containers.apparmorProfile;
}

/** Of a user namespace that the runtime makes. */
function idMappings({ config: { idMaps, userns }, host }: SpecInput): Pick<Linux, 'uidMappings' | 'gidMappings'> {
  if (!idMaps || userns.mode !== 'private') return {};
  return {
    uidMappings: splitMap(idMaps.uids, host.userns?.uids),
    gidMappings: splitMap(idMaps.gids, host.userns?.gids),
  };
}

/** Without CAP_SYS_RESOURCE it can only be raised. */
function oomScoreAdj(wanted: number, host: SpecInput['host']): number {
  return host.userns === null ? wanted : Math.max(wanted, host.oomScoreAdj);
}

/** Nobody but root makes nodes: mounts of the host's take their place. */
const noDevices: DeviceSet = { devices: [], sources: [], rules: [] };

function linuxFor(input: SpecInput, mounts: Spec['mounts']): Linux {
  const { config, host } = input;
  const { devices, rules } = host.rootless ? noDevices : devicesFor(config, input.conf, host);
  const seccomp = input.filter ? null : seccompFor(input);
  const propagation = rootPropagation(mounts);
  const path = cgroupsPath(config, input.cgroupManager, host);
  return {
    ...idMappings(input),
    namespaces: namespacesFor(input),
    ...(devices.length > 0 && { devices }),
    resources: { devices: rules, ...resourcesFor(config.resources, host) },
    ...(path && { cgroupsPath: path }),
    sysctl: sysctlsFor(config, input.conf, host),
    ...(seccomp && { seccomp }),
    maskedPaths: maskedPaths(input),
    readonlyPaths: readonlyPaths(config),
    ...(propagation && { rootfsPropagation: propagation }),
    ...(config.rdtClass && { intelRdt: { closID: config.rdtClass } }),
    ...(config.personality && { personality: { domain: config.personality } }),
  };
}
