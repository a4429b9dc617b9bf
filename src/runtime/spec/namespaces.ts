import { existsSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import type { Namespace, NamespaceType } from '../../oci/runtime-spec.ts';
import type { NamespaceMode, NetworkMode } from '../container.ts';
import type { SpecInput } from './input.ts';

/** linux.namespaces. A namespace of the host is one that is not listed. */
export function namespacesFor(input: SpecInput): Namespace[] {
  const { config } = input;
  const listed = [
    namespace('pid', config.pid, input),
    networkNamespace(config.network, input),
    namespace('ipc', config.ipc, input),
    namespace('uts', config.uts, input),
    namespace('cgroup', config.cgroupns, input),
    namespace('user', config.userns, input),
  ];
  return [...listed.filter((entry) => entry !== null), { type: 'mount' }];
}

function namespace(type: NamespaceType, mode: NamespaceMode, input: SpecInput): Namespace | null {
  switch (mode.mode) {
    case 'host':
      return null;
    case 'path':
      return { type, path: existing(type, mode.path) };
    case 'container':
      return { type, path: `/proc/${pidOf(mode.id, input)}/ns/${fileOf[type] ?? type}` };
    default:
      return { type };
  }
}

const fileOf: Partial<Record<NamespaceType, string>> = { network: 'net', mount: 'mnt' };

function networkNamespace(mode: NetworkMode, input: SpecInput): Namespace | null {
  if (input.netnsPath) return { type: 'network', path: input.netnsPath };
  if (mode.mode === 'host' || mode.mode === 'container' || mode.mode === 'path')
    return namespace('network', mode, input);
  return { type: 'network' };
}

function existing(type: string, path: string): string {
  if (existsSync(path)) return path;
  const words = `cannot find specified ${type} namespace path: stat ${path}: no such file or directory`;
  throw new TspodError('BAD_ARGUMENT', words);
}

function pidOf(id: string, { joinPids, config }: SpecInput): number {
  const pid = joinPids[id];
  if (pid) return pid;
  throw new TspodError(
    'CONTAINER_STATE',
    `container ${config.id} joins a namespace of container ${id}, which does not run`,
  );
}
