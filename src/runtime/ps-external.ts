/** Containers that are in the store but not in our state: Buildah's, Podman's. */
import { TspodError } from '../errors.ts';
import type { RuntimeContext } from './context.ts';
import type { PsEntry } from './ps.ts';

/** They fit only filters that make sense for them: id, name and ancestor. */
export function externalEntries(rt: RuntimeContext, filters: readonly string[]): PsEntry[] {
  const ours = new Set(rt.state.list().map(({ config }) => config.id));
  const found = rt.store.containers().filter(({ id }) => !ours.has(id));
  return found.map((record) => entryOf(rt, record)).filter((entry) => filters.every((filter) => fits(entry, filter)));
}

interface StoreRecord {
  id: string;
  names?: string[];
  image?: string;
  created?: string;
  metadata?: string;
}

function entryOf(rt: RuntimeContext, record: StoreRecord): PsEntry {
  const buildah = !record.metadata?.includes('"image-name"');
  return {
    AutoRemove: false,
    Command: [buildah ? 'buildah' : 'storage'],
    Created: record.created ?? '',
    CIDFile: '',
    Exited: false,
    ExitedAt: 0,
    ExitCode: 0,
    ExposedPorts: null,
    Id: record.id,
    Image: record.image ? (rt.store.imageById(record.image)?.names?.[0] ?? '') : buildah ? 'scratch' : '',
    ImageID: record.image ?? '',
    IsInfra: false,
    Labels: null,
    Mounts: [],
    Names: [record.names?.[0] ?? 'unknown'],
    Namespaces: {},
    Networks: [],
    Pid: 0,
    Pod: '',
    PodName: '',
    Ports: null,
    Restarts: 0,
    Size: null,
    StartedAt: 0,
    State: 'storage',
    Status: '',
  };
}

function fits(entry: PsEntry, filter: string): boolean {
  const [key = '', value = ''] = filter.split(/=(.*)/s);
  if (key === 'id') return entry.Id.startsWith(value);
  if (key === 'name') return (entry.Names[0] ?? '').includes(value);
  if (key === 'ancestor') return entry.Image === value || entry.ImageID.startsWith(value);
  if (key === 'status') return value === entry.State;
  throw new TspodError('BAD_ARGUMENT', `${key} is an invalid filter for external containers`);
}
