/** `containers-storage:[[DRIVER@ROOT+RUNROOT]]NAME`: an image of the store that Podman and its relatives share. */
import { loadStorageConf } from '../../config/storage-conf.ts';
import { TspodError } from '../../errors.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { formatReference, parseDocker, type Reference, withDefaultTag } from '../../registry/reference.ts';
import type { ImageRecord, LayerRecord } from '../../storage/records.ts';
import { openStore, type Store } from '../../storage/store.ts';
import type { ImageContext } from '../context.ts';
import { knownManifest } from '../known-image.ts';
import { type FoundImage, findImage } from '../lookup.ts';
import { imageParts } from '../save/image-parts.ts';
import { layerBlob } from '../save/layer-blob.ts';
import { storageSubject } from '../signature/subject.ts';
import { rawManifest } from './raw-manifest.ts';
import type { ImageName, ImageReader, StoreWriter, Transport } from './transport.ts';

export const storage: Transport = { name: 'containers-storage', parse };

interface Place {
  driver: string;
  root: string;
  runroot: string;
}

function parse(rest: string): ImageName {
  const match = /^(?:\[(?:(\w+)@)?([^\]+]+)(?:\+([^\]:]*))?(?::[^\]]*)?\])?(.*)$/.exec(rest);
  const [, driver = '', root = '', runroot = '', name = ''] = match ?? [];
  const place = root === '' ? null : { driver, root, runroot };
  if (name === '')
    throw new TspodError('BAD_ARGUMENT', `invalid image name "containers-storage:${rest}": no image named`);
  const reference = referenceOf(name);
  return {
    transport: storage.name,
    rest,
    reference,
    async read(context) {
      const inStore = storeOf(context, place);
      return read(inStore.store, requireRecord(inStore, name, reference), reference);
    },
    write: async (context) => write(storeOf(context, place).store, name, reference),
    async remove(context) {
      const inStore = storeOf(context, place);
      const { id, names = [] } = requireRecord(inStore, name, reference);
      const full = reference ? formatReference(reference) : '';
      if (names.includes(full) && names.length > 1) inStore.store.removeImageName(id, full);
      else await inStore.store.deleteImage(id);
    },
  };
}

/** An image that was found in the context's store. */
export function storedImage({ record, name }: FoundImage): ImageName {
  const reference = record.names?.includes(name) ? parseDocker(name) : null;
  return {
    ...parse(`@${record.id}`),
    reference,
    read: async ({ store }) => read(store, record, reference),
  };
}

/** The name as Docker completes it; null for an id. */
function referenceOf(name: string): Reference | null {
  if (name.startsWith('@') || /^(sha256:)?[0-9a-f]{64}$/.test(name)) return null;
  return withDefaultTag(parseDocker(name));
}

function storeOf(context: ImageContext, place: Place | null): ImageContext {
  if (!place) return context;
  const { driver, root, runroot } = place;
  const options = { root, ...(runroot ? { runroot } : {}), ...(driver ? { storageDriver: driver } : {}) };
  return { systemContext: context.systemContext ?? {}, store: openStore(loadStorageConf(options)) };
}

/** @throws TspodError NO_SUCH_IMAGE */
function requireRecord(context: ImageContext, name: string, reference: Reference | null): ImageRecord {
  const exact = reference ? context.store.imageByName(formatReference(reference)) : null;
  const record = exact ?? findImage(context, name.replace(/^@/, ''))?.record;
  if (record) return record;
  const shown = reference ? formatReference(reference) : name;
  throw new TspodError('NO_SUCH_IMAGE', `reference "${shown}" does not resolve to an image ID`);
}

function read(store: Store, record: ImageRecord, reference: Reference | null): ImageReader {
  const parts = imageParts(store, record);
  const place = { driver: store.driver.name, root: store.paths.graphRoot };
  return {
    subject: storageSubject(place, reference, record.id),
    async signatures(digest) {
      const { storedSignatures } = await import('../signature/store-policy.ts');
      return storedSignatures(store, record, digest);
    },
    async manifest(instance) {
      const bytes = instance ? knownManifest(store, instance) : store.bigData(record, 'manifest');
      if (!bytes) throw new TspodError('NO_SUCH_IMAGE', `the store has no manifest ${instance}`);
      return rawManifest(bytes, instance);
    },
    async *blob({ digest }) {
      const layer = parts.layers.find(({ diffId }) => diffId === digest);
      if (layer) yield* layer.tar();
      else yield store.bigData(record, digest);
    },
    layers: () =>
      parts.layers.map((layer) => ({
        descriptor: { mediaType: mediaTypes.ociLayer, digest: layer.diffId, size: layer.size },
        known: compressedForm(layer.record),
        packed: (encoding) => layerBlob(layer, encoding),
      })),
    close: async () => {},
  };
}

/** The gzip blob that a layer was pulled as. */
function compressedForm({ 'compressed-diff-digest': digest, 'compressed-size': size, compression }: LayerRecord) {
  return compression === 2 && digest && size ? { mediaType: mediaTypes.ociLayerGzip, digest, size } : undefined;
}

function write(store: Store, name: string, reference: Reference | null): StoreWriter {
  if (!reference) throw new TspodError('BAD_ARGUMENT', `"${name}" is no name that an image can be given`);
  return { kind: 'store', store, names: [formatReference(reference)] };
}
