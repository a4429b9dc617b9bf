/** The process of an exec session: the container's own, with what the caller changed. */
import { readFileSync } from 'node:fs';
import { bundleDir } from '../config/paths.ts';
import { TspodError } from '../errors.ts';
import type { Capabilities, Process, Spec } from '../oci/runtime-spec.ts';
import type { ContainerConfig, ContainerState } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { hostFacts } from './host-facts.ts';
import { findUser, type ProcessUser, userDatabase } from './spec/user.ts';

export interface ExecCommand {
  command: string[];
  /** `KEY=VALUE`: replaces or adds. */
  env?: string[];
  /** `user[:group]`, '' for the container's. */
  user?: string;
  workDir?: string;
  tty?: boolean;
  privileged?: boolean;
}

/** What has to be known of the container. */
export interface MountedContainer {
  config: ContainerConfig;
  state: Pick<ContainerState, 'mountpoint'>;
}

/** BAD_ARGUMENT when the user does not exist in the container. */
export function execProcess(rt: RuntimeContext, { config, state }: MountedContainer, request: ExecCommand): Process {
  const base = recordedProcess(rt, config.id);
  const user = findUser(
    request.user || config.user,
    config.groupAdd,
    userDatabase(config, state.mountpoint),
    config.workDir,
  );
  return {
    ...base,
    terminal: request.tty === true,
    args: request.command,
    cwd: request.workDir || base.cwd,
    user: {
      ...base.user,
      uid: user.uid,
      gid: user.gid,
      additionalGids: request.user ? user.additionalGids : (base.user.additionalGids ?? []),
    },
    env: execEnv(base.env, request, user),
    capabilities: execCapabilities(base.capabilities, request, {
      user,
      sameUser: !request.user || request.user === config.user,
    }),
  };
}

/** The process as it was started. */
function recordedProcess(rt: RuntimeContext, id: string): Process {
  const path = `${bundleDir(rt.paths, id)}/config.json`;
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as Spec).process;
  } catch (error) {
    throw new TspodError('CORRUPT_STORE', `container ${id}: cannot read "${path}"`, { cause: error });
  }
}

function execEnv(base: string[], request: ExecCommand, user: ProcessUser): string[] {
  const asked = request.env ?? [];
  const env = new Map([...base, ...asked].map((entry) => [entry.split('=', 1)[0] ?? '', entry]));
  if (request.tty && !env.has('TERM')) env.set('TERM', 'TERM=xterm');
  const homeAsked = asked.some((entry) => entry.startsWith('HOME='));
  if (request.user && !homeAsked) env.set('HOME', `HOME=${user.home}`);
  return [...env.values()];
}

interface ForUser {
  user: ProcessUser;
  /** It is the user that the container runs as. */
  sameUser: boolean;
}

/** The bounding set stays that of the container; another user than root holds what the container's own user does. */
function execCapabilities(
  base: Capabilities | undefined,
  request: ExecCommand,
  { user, sameUser }: ForUser,
): Capabilities {
  const bounding = request.privileged ? [...hostFacts().boundingCaps] : (base?.bounding ?? []);
  if (user.isRoot) return { bounding, effective: bounding, permitted: bounding, inheritable: [] };
  const own = sameUser ? (base?.effective ?? []) : [];
  return { bounding, effective: own, permitted: own, inheritable: own, ambient: own };
}
