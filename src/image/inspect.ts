/** The JSON of `podman image inspect`. */
import type { HealthConfig, HistoryEntry, ImageExecConfig } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import type { ImageContext } from './context.ts';
import { Family } from './family.ts';
import { requireImage } from './lookup.ts';
import { repoDigests, repoTags } from './names.ts';

export interface ImageInspect {
  Id: string;
  Digest: string;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  Created: string | null;
  Config: Omit<ImageExecConfig, 'Healthcheck'>;
  Version: string;
  Author: string;
  Architecture: string;
  Os: string;
  Size: number;
  VirtualSize: number;
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  RootFS: { Type: string; Layers: string[] };
  Labels: Record<string, string> | null;
  Annotations: Record<string, string>;
  ManifestType: string;
  User: string;
  History: HistoryEntry[] | null;
  NamesHistory: string[] | null;
  Healthcheck?: HealthConfig;
}

/** @throws TspodError NO_SUCH_IMAGE, CORRUPT_STORE */
export function inspectImage(context: ImageContext, nameOrId: string): ImageInspect {
  return inspectRecord(context.store, requireImage(context, nameOrId).record);
}

function inspectRecord(store: Store, record: ImageRecord): ImageInspect {
  const config = store.imageConfig(record);
  const manifest = store.imageManifest(record);
  const isDocker = manifest.mediaType === mediaTypes.dockerManifest;
  const size = store.imageSize(record);
  const health = isDocker ? config.config?.Healthcheck : undefined;
  return {
    Id: record.id,
    Digest: record.digest ?? '',
    RepoTags: repoTags(record),
    RepoDigests: repoDigests(record),
    Parent: new Family(store).parent(record)?.id ?? '',
    Comment: (isDocker ? config.comment : config.history?.[0]?.comment) ?? '',
    Created: config.created ?? null,
    Config: execConfig(config.config ?? {}),
    Version: config.docker_version ?? '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os,
    Size: size,
    VirtualSize: size,
    GraphDriver: graphDriver(store, record),
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Labels: config.config?.Labels ?? null,
    Annotations: manifest.annotations ?? {},
    ManifestType: manifest.mediaType ?? mediaTypes.ociManifest,
    User: config.config?.User ?? '',
    History: config.history?.map(historyEntry) ?? null,
    NamesHistory: record['names-history'] ?? null,
    ...(health ? { Healthcheck: health } : {}),
  };
}

/** The fields in the order of Go's type; what is empty is left out, as `omitempty` does. */
function execConfig(config: ImageExecConfig): Omit<ImageExecConfig, 'Healthcheck'> {
  const { User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels, StopSignal } = config;
  const fields = {
    User,
    ExposedPorts: sorted(ExposedPorts),
    Env,
    Entrypoint,
    Cmd,
    Volumes: sorted(Volumes),
    WorkingDir,
  };
  const all = { ...fields, Labels: sorted(Labels), StopSignal };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => !isEmpty(value)));
}

function historyEntry(entry: HistoryEntry): HistoryEntry {
  const { created, created_by, author, comment, empty_layer } = entry;
  const all = { created, created_by, author, comment, empty_layer };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined && value !== '' && value !== false),
  );
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Go prints maps sorted by key. */
function sorted<T>(map: Record<string, T> | null | undefined): Record<string, T> | undefined {
  if (!map) return undefined;
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function graphDriver(store: Store, { layer = '' }: ImageRecord): ImageInspect['GraphDriver'] {
  const { name: Name } = store.driver;
  if (layer === '') return { Name, Data: {} };
  return { Name, Data: store.describeLayer(layer) };
}
