/**
 * A container in the store: a writable layer and a record. On the path of every `run`: three short writes and a
 * folder; nothing waits for the disk when the container is volatile (`--rm`).
 */

import { mkdirSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { randomBytes } from '../system/random.ts';
import type { IdMaps } from '../system/userns.ts';
import { recordMaps } from './id-maps.ts';
import type { LayerSession } from './layer-session.ts';
import { isHexId } from './parse-records.ts';
import type { ContainerRecord, LayerRecord } from './records.ts';
import type { StoreParts } from './store-parts.ts';
import type { TempDir } from './temp-dir.ts';

export interface NewContainer {
  /** 64 hex characters. */
  id: string;
  name: string;
  /** Image and its top layer; null for a container with an empty root or with --rootfs. */
  image: { id: string; layer?: string } | null;
  /** Goes with a reboot or crash: `--rm`. */
  volatile: boolean;
  /** Of the container's user namespace: the layer stands on a copy of the image that belongs to these ids. */
  idMaps?: IdMaps;
  /** JSON text, with Podman's keys image-name, image-id, name, created-at. */
  metadata: string;
}

/**
 * Makes the writable layer and the record.
 * @throws NAME_IN_USE when a container of any tool has the name, CORRUPT_STORE when the image's layers are gone
 */
export function createContainer(parts: StoreParts, request: NewContainer): ContainerRecord {
  if (!isHexId(request.id)) throw new TspodError('BAD_ARGUMENT', `"${request.id}" is not a valid container id`);
  const created = new Date().toISOString().replace('Z', '000000Z');
  const layer: LayerRecord = { id: randomBytes(32).toString('hex'), created };
  if (request.image?.layer) layer.parent = request.image.layer;
  const maps = recordMaps(request.idMaps);
  Object.assign(layer, maps);
  const record = { ...containerRecord(request, layer.id, created), ...maps };
  const prepared = parts.driver.prepareWritable(parts.homes, layer.parent);
  try {
    const addition = { layer, record, volatile: request.volatile, prepared };
    return parts.layers.update((session) => addBoth(parts, session, addition));
  } finally {
    prepared?.remove();
  }
}

interface Addition {
  layer: LayerRecord;
  record: ContainerRecord;
  volatile: boolean;
  prepared: TempDir | null;
}

/**
 * The record of the container is written while its layer is one that the next writer would remove, should this
 * process die: marked as incomplete or, when volatile, without a container.
 */
function addBoth(parts: StoreParts, session: LayerSession, addition: Addition): ContainerRecord {
  const { layer, record, volatile, prepared } = addition;
  const makeFolder = parts.driver.writableMaker(parts.homes, layer, prepared);
  return parts.containers.update((containers) => {
    refuseTakenName(containers.all(), record);
    if (volatile) session.addVolatile(layer);
    else session.announce([layer]);
    try {
      makeFolder();
      makeContainerFolder(parts, record.id);
      containers.add(record, volatile);
      if (!volatile) session.addPermanent([layer]);
    } catch (error) {
      containers.remove([record.id]);
      session.abandon([layer.id]);
      throw error;
    }
    if (!volatile) session.settle([layer.id]);
    return record;
  });
}

/** @throws NAME_IN_USE */
export function refuseTakenName(others: ContainerRecord[], record: ContainerRecord): void {
  for (const other of others) {
    if (other.id === record.id) throw new TspodError('NAME_IN_USE', `container id "${record.id}" is already in use`);
    const name = record.names?.find((candidate) => other.names?.includes(candidate));
    if (name === undefined) continue;
    throw new TspodError(
      'NAME_IN_USE',
      `the container name "${name}" is already in use by ${other.id}. You have to remove that container to be able to reuse that name: that name is already in use`,
    );
  }
}

function makeContainerFolder(parts: StoreParts, id: string): void {
  mkdirSync(`${parts.homes.own.containerDir}/${id}`, { recursive: true, mode: 0o700 });
}

function containerRecord(request: NewContainer, layer: string, created: string): ContainerRecord {
  return {
    id: request.id,
    ...(request.name === '' ? {} : { names: [request.name] }),
    image: request.image?.id ?? '',
    layer,
    metadata: request.metadata,
    created,
    flags: { MountLabel: '', ProcessLabel: '', ...(request.volatile ? { Volatile: true } : {}) },
  };
}
