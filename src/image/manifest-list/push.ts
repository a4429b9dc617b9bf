/** A manifest list and its images on their way to a registry. */
import { createReadStream } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { digestOf, parseManifest } from '../../registry/manifest.ts';
import { formatReference, parseDocker, withDefaultTag } from '../../registry/reference.ts';
import { hasBlob, uploadBlob, uploadManifest } from '../../registry/upload.ts';
import type { ImageContext } from '../context.ts';
import { requireRecord } from '../lookup.ts';
import { openRemote } from '../open-source.ts';
import { openSigning, openTarget, type PushOptions, pushParts } from '../push.ts';
import type { PushTarget } from '../push-layers.ts';
import { imageParts } from '../save/image-parts.ts';
import type { BlobEncoding } from '../save/layer-blob.ts';
import { hasManifest } from './instance.ts';
import { type ManifestList, requireList, serializeIndex } from './list.ts';

export interface ListPushOptions extends PushOptions {
  /** Push the images too. Default true. */
  all?: boolean | undefined;
  /** Every image once more, compressed like this. */
  addCompression?: readonly BlobEncoding['compression'][];
}

const zstdMark = { 'io.github.containers.compression.zstd': 'true' };

/**
 * Pushes a list.
 *
 * @param destination '' for the list's own name
 * @returns the digest of the index as it was pushed: members may have been compressed on the way
 * @throws TspodError
 */
export async function pushList(
  context: ImageContext,
  nameOrId: string,
  destination: string,
  options: ListPushOptions = {},
): Promise<Digest> {
  const list = requireList(context, nameOrId);
  const name = destination || requireRecord(context, nameOrId).name;
  const wanted = withDefaultTag(parseDocker(name.replace(/^docker:\/\//, '')));
  const { client, reference } = openTarget(context, wanted, options);
  const { onProgress = () => {} } = options;
  try {
    const target: PushTarget = { session: client.session, reference, onProgress, siblings: [] };
    const signing = await openSigning(client, wanted, options);
    const manifests = options.all === false ? list.index.manifests : await pushMembers(context, list, target, options);
    const { bytes, mediaType } = serializeIndex({ ...list.index, manifests }, options.format);
    const digest = digestOf(bytes);
    // Who pulls gets one of the images: it is their signatures that a policy looks at.
    const signed = options.all === false ? [digest] : [...manifests.map((member) => member.digest), digest];
    for (const each of signed) await signing?.make(each);
    await uploadManifest(client.session, reference, { which: reference.tag || digest, bytes, mediaType });
    for (const each of signed) await signing?.store(each);
    return digest;
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `pushing manifest list to docker://${formatReference(wanted)}: ${error.message}`, {
      cause: error,
    });
  } finally {
    await client.close();
  }
}

async function pushMembers(
  context: ImageContext,
  list: ManifestList,
  target: PushTarget,
  options: ListPushOptions,
): Promise<Descriptor[]> {
  const { addCompression = [], encoding } = options;
  const pushed: Descriptor[] = [];
  for (const member of list.index.manifests) pushed.push(await pushMember(context, list, member, target, options));
  for (const compression of addCompression) {
    if (compression === encoding?.compression) continue;
    const other = { ...options, encoding: { compression }, forceCompression: true };
    for (const member of list.index.manifests) {
      if (list.artifacts.manifests?.[member.digest]) continue;
      pushed.push(await pushMember(context, list, member, target, other));
    }
  }
  return pushed;
}

async function pushMember(
  context: ImageContext,
  list: ManifestList,
  member: Descriptor,
  target: PushTarget,
  options: ListPushOptions,
): Promise<Descriptor> {
  if (list.artifacts.manifests?.[member.digest] !== undefined) return pushArtifact(list, member, target);
  const local = context.store.images().find((image) => hasManifest(image, member.digest));
  if (!local) return copyMember(context, list, member, target, options);
  const { digest, size, mediaType } = await pushParts(imageParts(context.store, local), target, options, true);
  const isZstd = options.encoding?.compression.startsWith('zstd') && digest !== member.digest;
  const annotations = isZstd ? { annotations: { ...member.annotations, ...zstdMark } } : {};
  return { ...member, mediaType, digest, size, ...annotations };
}

async function pushArtifact(list: ManifestList, member: Descriptor, target: PushTarget): Promise<Descriptor> {
  const { session, reference, onProgress } = target;
  const { manifests = {}, blobs = {}, detached = {} } = list.artifacts;
  const bytes = Buffer.from(manifests[member.digest] ?? '');
  const { parsed, mediaType } = asManifest(bytes);
  for (const { digest, size } of [...parsed.layers, parsed.config]) {
    onProgress({ type: 'blob', digest, size, exists: false });
    if (!(await hasBlob(session, reference, digest))) {
      const inline = blobs[digest];
      const file = detached[digest];
      if (inline === undefined && !file)
        throw new TspodError('CORRUPT_STORE', `no file or blob with digest ${digest} is known`);
      const stream = () => (inline === undefined ? createReadStream(file ?? '') : once(Buffer.from(inline, 'base64')));
      await uploadBlob(session, reference, { digest, size, stream });
    }
    onProgress({ type: 'blob-done', digest });
  }
  await uploadManifest(session, reference, { which: member.digest, bytes, mediaType });
  return member;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** From one registry to the other, as it is. */
async function copyMember(
  context: ImageContext,
  list: ManifestList,
  member: Descriptor,
  { session, reference, onProgress }: PushTarget,
  options: ListPushOptions,
): Promise<Descriptor> {
  const place = list.instances[member.digest] ?? '';
  if (!place.startsWith('docker://') || !isDigest(member.digest)) {
    throw new TspodError(
      'NO_SUCH_IMAGE',
      `could not find image instance ${member.digest} of manifest list ${list.id} in local containers storage: image not known`,
    );
  }
  const from = { ...parseDocker(place.slice('docker://'.length)), tag: '', digest: member.digest };
  const { credentials: _, ...remote } = options;
  const { client, top } = await openRemote(context, from, remote);
  try {
    const { parsed, mediaType } = asManifest(top.bytes);
    for (const blob of [...parsed.layers, parsed.config]) {
      const { digest, size } = blob;
      onProgress({ type: 'blob', digest, size, exists: false });
      if (!(await hasBlob(session, reference, digest))) {
        await uploadBlob(session, reference, { digest, size, stream: () => client.blob(blob) });
      }
      onProgress({ type: 'blob-done', digest });
    }
    await uploadManifest(session, reference, { which: member.digest, bytes: top.bytes, mediaType });
    return member;
  } finally {
    await client.close();
  }
}

function asManifest(bytes: Buffer): { parsed: Manifest; mediaType: string } {
  const parsed = parseManifest(bytes);
  if (parsed.kind === 'manifest') return { parsed: parsed.manifest, mediaType: parsed.mediaType };
  throw new TspodError('UNSUPPORTED', 'a manifest list in a manifest list is not supported');
}
