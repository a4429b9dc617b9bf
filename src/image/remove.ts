/** Removing images: untag first, delete with the last name, and clean up nameless parents. */
import { hasCode, TspodError } from '../errors.ts';
import type { ImageRecord } from '../storage/records.ts';
import { type ImageContext, imageEvent } from './context.ts';
import { Family } from './family.ts';
import { findImage } from './lookup.ts';
import { removeName } from './tag.ts';

export interface RemoveOptions {
  /** Remove also what is used by containers, and by id although there are several names. */
  force?: boolean;
  /** A missing image is no error. */
  ignore?: boolean;
  /** Keep nameless parents. */
  noPrune?: boolean;
  /** Removes the engine's containers of an image, when forced. */
  removeContainers?: (imageId: string) => Promise<void>;
}

export interface RemoveReport {
  untagged: string[];
  /** Ids. */
  deleted: string[];
  errors: unknown[];
}

/** Removes images by name or id. Does all; what failed is in the report. */
export async function removeImages(
  context: ImageContext,
  names: readonly string[],
  options: RemoveOptions = {},
): Promise<RemoveReport> {
  const report: RemoveReport = { untagged: [], deleted: [], errors: [] };
  for (const [name, found] of lookUpAll(context, names, options, report)) {
    try {
      const record = context.store.imageById(found.id);
      if (record) await removeOne(context, record, name, options, report);
    } catch (error) {
      report.errors.push(error);
    }
  }
  return report;
}

/** Removes these images whatever their names are: `rmi --all` and `image prune`. */
export async function removeRecords(
  context: ImageContext,
  records: readonly ImageRecord[],
  options: RemoveOptions = {},
): Promise<RemoveReport> {
  const report: RemoveReport = { untagged: [], deleted: [], errors: [] };
  for (const { id } of records) {
    try {
      const record = context.store.imageById(id);
      if (record) await deleteRecord(context, record, record.id, options, report);
    } catch (error) {
      report.errors.push(error);
    }
  }
  return report;
}

/** All are looked up before the first is removed: an id may name an image that an earlier operand names too. */
function lookUpAll(context: ImageContext, names: readonly string[], options: RemoveOptions, report: RemoveReport) {
  const found: [name: string, record: ImageRecord][] = [];
  for (const name of names) {
    try {
      const image = findImage(context, name);
      if (image) found.push([image.name, image.record]);
      else if (!options.ignore) throw new TspodError('NO_SUCH_IMAGE', `${name}: image not known`);
    } catch (error) {
      report.errors.push(error);
    }
  }
  return found;
}

async function removeOne(
  context: ImageContext,
  record: ImageRecord,
  name: string,
  options: RemoveOptions,
  report: RemoveReport,
): Promise<void> {
  const { names = [] } = record;
  const byId = record.id.startsWith(name);
  const byDigest = name.startsWith('sha256:');
  if (names.length > 1 && (byId || byDigest) && !options.force) {
    throw new TspodError(
      'IMAGE_IN_USE',
      `unable to delete image "${record.id}" by ${byId ? 'ID' : 'digest'} with more than one tag ([${names.join(' ')}]): please force removal`,
      { exitCode: 125 },
    );
  }
  if (names.length > 1 && !byId && !byDigest) {
    removeName(context, record.id, name);
    report.untagged.push(name);
    return;
  }
  await deleteRecord(context, record, name, options, report);
}

/** @param name by what it was asked for */
async function deleteRecord(
  context: ImageContext,
  record: ImageRecord,
  name: string,
  options: RemoveOptions,
  report: RemoveReport,
): Promise<void> {
  if (context.store.isReadOnly(record)) {
    throw new TspodError('BAD_ARGUMENT', `cannot remove read-only image "${record.id}"`);
  }
  if (options.force) await removeUsers(context, record, options);
  const user = context.store.containers().find((container) => container.image === record.id);
  if (user) throw inUse(user.id);
  const family = new Family(context.store);
  const hasChildren = family.hasChildren(record);
  const parent = options.noPrune ? null : family.parent(record);
  await deleteFromStore(context, record);
  for (const each of record.names ?? []) imageEvent(context, 'untag', record.id, each);
  imageEvent(context, 'remove', record.id, name);
  report.untagged.push(...(record.names ?? []));
  if (!hasChildren) report.deleted.push(record.id);
  if (parent && !parent.names?.length && !new Family(context.store).hasChildren(parent)) {
    await deleteRecord(context, parent, parent.id, options, report);
  }
}

/** Another process may have been faster: then the image is gone, as wanted. */
async function deleteFromStore({ store }: ImageContext, { id }: ImageRecord): Promise<void> {
  try {
    await store.deleteImage(id);
  } catch (error) {
    if (!hasCode(error, 'NO_SUCH_IMAGE')) throw error;
  }
}

async function removeUsers(
  { store }: ImageContext,
  { id }: ImageRecord,
  { removeContainers }: RemoveOptions,
): Promise<void> {
  await removeContainers?.(id);
  for (const container of store.containers()) if (container.image === id) store.deleteContainer(container.id);
}

function inUse(containerId: string): TspodError {
  return new TspodError(
    'IMAGE_IN_USE',
    `image used by ${containerId}: image is in use by a container: consider listing external containers and force-removing image`,
  );
}
