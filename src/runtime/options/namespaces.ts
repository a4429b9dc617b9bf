/** --pid, --ipc, --uts, --cgroupns and --userns. */
import { messageOf, TspodError } from '../../errors.ts';
import type { IdMaps } from '../../system/userns.ts';
import type { NamespaceMode } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { buildUserns } from './userns.ts';

export interface Namespaces {
  pid: NamespaceMode;
  ipc: NamespaceMode;
  uts: NamespaceMode;
  cgroupns: NamespaceMode;
  userns: NamespaceMode;
  idMaps?: IdMaps;
  /** Who the process is, unless -u says so. */
  usernsUser?: string;
}

export function buildNamespaces(input: BuildInput): Namespaces {
  const { options, conf, host } = input;
  const { containers } = conf;
  const cgroupns = options.cgroupns || containers.cgroupns || (host.cgroup.version === 2 ? 'private' : 'host');
  return {
    pid: parseNamespace('pid', options.pid || containers.pidns, input),
    ipc: parseIpc(options.ipc || containers.ipcns, input),
    uts: parseNamespace('uts', options.uts || containers.utsns, input),
    cgroupns: parseNamespace('cgroup', cgroupns, input),
    ...buildUserns(input, (name) => joinedId('user', name, input)),
  };
}

function parseNamespace(type: string, text: string, input: BuildInput): NamespaceMode {
  if (text === 'host') return { mode: 'host' };
  if (text === 'private' || text === '') return { mode: 'private' };
  if (text.startsWith('ns:')) return { mode: 'path', path: text.slice('ns:'.length) };
  if (text.startsWith('container:'))
    return { mode: 'container', id: joinedId(type, text.slice('container:'.length), input) };
  if (text === 'pod') {
    const words = 'cannot use pod namespace as container is not joining a pod or pod has no infra container';
    badArgument(`${words}: invalid argument`);
  }
  return badArgument(`unrecognized namespace mode ${text} passed`);
}

function parseIpc(text: string, input: BuildInput): NamespaceMode {
  if (text === 'shareable' || text === '') return { mode: 'shareable' };
  if (text === 'none') return { mode: 'none' };
  const mode = parseNamespace('ipc', text, input);
  if (mode.mode === 'container' && !sharesIpc(input, mode.id)) {
    const words = `joining IPC of container ${mode.id} is not allowed: non-shareable IPC`;
    badArgument(`${words} (hint: use IpcMode:shareable for the donor container)`);
  }
  return mode;
}

function sharesIpc(input: BuildInput, id: string): boolean {
  const { mode } = input.findContainer(id).config.ipc;
  return mode !== 'private' && mode !== 'none';
}

/** The id of the container that is joined. @throws NO_SUCH_CONTAINER with the name of the namespace */
export function joinedId(type: string, nameOrId: string, input: BuildInput): string {
  if (nameOrId === '') badArgument(`must provide a name or ID for the container to share the ${type} namespace with`);
  try {
    return input.findContainer(nameOrId).config.id;
  } catch (cause) {
    if (!(cause instanceof TspodError)) throw cause;
    const words = `looking up container to share ${type} namespace with: ${messageOf(cause)}`;
    throw new TspodError(cause.code, words, { cause });
  }
}
