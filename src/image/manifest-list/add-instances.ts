/** Images that become members of a manifest list. */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Index, Manifest, Platform } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { digestOf, parseManifest } from '../../registry/manifest.ts';
import { chooseInstance, hostPlatform } from '../../registry/platform.ts';
import { formatReference, parseDocker, withDefaultTag } from '../../registry/reference.ts';
import type { ImageRecord } from '../../storage/records.ts';
import type { ImageContext } from '../context.ts';
import { requireImage } from '../lookup.ts';
import { openRemote, type RemoteImage, type RemoteOptions } from '../open-source.ts';
import { type ManifestList, platformOf } from './list.ts';

export interface AddOptions extends RemoteOptions {
  /** Every image of a list that is added, not only the one for this machine. */
  all?: boolean | undefined;
}

/**
 * Adds an image of the store or of a registry.
 *
 * @param name with `containers-storage:` or `docker://`, or without: then the registry is asked first, as in Podman
 * @returns the digest of the (first) manifest that was added
 * @throws TspodError NO_SUCH_IMAGE and what the registry answers
 */
export async function addImage(
  context: ImageContext,
  list: ManifestList,
  name: string,
  options: AddOptions = {},
): Promise<Digest> {
  if (name.startsWith('containers-storage:')) return addLocal(context, list, name);
  if (name.startsWith('docker://')) return addRemote(context, list, name.slice('docker://'.length), options);
  try {
    return await addRemote(context, list, name, { retry: 0, ...options });
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    return addOrBoth(context, list, name, error);
  }
}

function addOrBoth(context: ImageContext, list: ManifestList, name: string, remote: TspodError): Digest {
  try {
    return addLocal(context, list, name);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    const both = `locating image to add to manifest list: "docker://${name}": ${remote.message}; "${name}": ${error.message}`;
    throw new TspodError(error.code, both, { cause: remote });
  }
}

function addLocal({ store, ...rest }: ImageContext, list: ManifestList, name: string): Digest {
  const { record } = requireImage({ store, ...rest }, name);
  const bytes = store.bigData(record, 'manifest');
  const { architecture, os, variant } = store.imageConfig(record);
  const manifest = store.imageManifest(record);
  const digest = digestOf(bytes);
  insert(list, {
    ...described(bytes, manifest),
    platform: platformOf({ architecture, os, ...(variant ? { variant } : {}) }),
  });
  list.instances[digest] ??= localName(store.paths, record);
  return digest;
}

function localName({ graphRoot, runRoot }: { graphRoot: string; runRoot: string }, { id }: ImageRecord): string {
  return `containers-storage:[overlay@${graphRoot}+${runRoot}]@${id}`;
}

async function addRemote(
  context: ImageContext,
  list: ManifestList,
  name: string,
  options: AddOptions,
): Promise<Digest> {
  const reference = withDefaultTag(parseDocker(name));
  const remote = await openRemote(context, reference, options);
  try {
    const source = `docker://${formatReference(reference)}`;
    const { parsed, bytes } = remote.top;
    if (parsed.kind === 'index') return await addMembers(list, remote, parsed.index, source, options);
    return await addOne(list, remote, { bytes, manifest: parsed.manifest }, source);
  } finally {
    await remote.client.close();
  }
}

async function addMembers(
  list: ManifestList,
  remote: RemoteImage,
  index: Index,
  source: string,
  { all }: AddOptions,
): Promise<Digest> {
  const members = all ? index.manifests : [chooseInstance(index, hostPlatform())];
  for (const member of members) {
    if (member.platform) insert(list, { ...member, platform: platformOf(member.platform) });
    else {
      const { bytes, parsed } = await remote.client.manifest(member.digest);
      if (parsed.kind === 'manifest') await addOne(list, remote, { bytes, manifest: parsed.manifest }, source);
    }
    list.instances[member.digest] ??= source;
  }
  const [first] = members;
  if (!first) throw new TspodError('NOT_FOUND', `${source} is a list without images`);
  return first.digest;
}

async function addOne(
  list: ManifestList,
  remote: RemoteImage,
  { bytes, manifest }: { bytes: Buffer; manifest: Manifest },
  source: string,
): Promise<Digest> {
  const entry = described(bytes, manifest);
  const hasPlatform =
    !manifest.artifactType &&
    [mediaTypes.ociConfig, mediaTypes.dockerConfig].some((type) => type === manifest.config.mediaType);
  const config: Partial<Platform> = hasPlatform
    ? (JSON.parse(String(await remote.client.config(manifest.config))) as Partial<Platform>)
    : {};
  const { architecture, os, variant, 'os.version': version } = config;
  insert(list, {
    ...entry,
    platform: platformOf({ architecture, os, variant, 'os.version': version }),
  });
  list.instances[entry.digest] ??= source;
  return entry.digest;
}

function described(bytes: Buffer, { artifactType }: Manifest): Descriptor {
  const { mediaType } = parseManifest(bytes);
  const type = artifactType ? { artifactType } : {};
  return { mediaType, digest: digestOf(bytes), size: bytes.length, ...type };
}

/** A member that is there already moves to the end. */
export function insert({ index }: ManifestList, entry: Descriptor): void {
  index.manifests = [...index.manifests.filter(({ digest }) => digest !== entry.digest), entry];
}
