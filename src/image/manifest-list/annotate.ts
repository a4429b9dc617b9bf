/** What a manifest list says of its members and of itself. */
import { TspodError } from '../../errors.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { digestOf } from '../../registry/manifest.ts';
import { parseDocker, withDefaultTag } from '../../registry/reference.ts';
import type { ImageContext } from '../context.ts';
import { findImage } from '../lookup.ts';
import { openRemote, type RemoteOptions } from '../open-source.ts';
import { type ManifestList, platformOf } from './list.ts';

export interface Annotations {
  annotations?: Record<string, string>;
  architecture?: string | undefined;
  os?: string | undefined;
  osVersion?: string | undefined;
  osFeatures?: readonly string[];
  features?: readonly string[];
  variant?: string | undefined;
}

/** @throws TspodError BAD_ARGUMENT when the list has no such member */
export function annotateMember({ index }: ManifestList, digest: Digest, changes: Annotations): void {
  const member = memberOf(index.manifests, digest);
  const { architecture, os, osVersion, variant, osFeatures = [], features = [], annotations = {} } = changes;
  const before = member.platform ?? { architecture: '', os: '' };
  member.platform = platformOf({
    ...before,
    ...(architecture ? { architecture } : {}),
    ...(os ? { os } : {}),
    ...(osVersion ? { 'os.version': osVersion } : {}),
    ...(osFeatures.length > 0 ? { 'os.features': [...osFeatures] } : {}),
    ...(variant ? { variant } : {}),
    ...(features.length > 0 ? { features: [...features] } : {}),
  });
  if (Object.keys(annotations).length > 0) member.annotations = { ...member.annotations, ...annotations };
}

/** Takes a member out. @throws TspodError BAD_ARGUMENT */
export function removeMember({ index, instances }: ManifestList, digest: Digest): void {
  const member = memberOf(index.manifests, digest);
  index.manifests = index.manifests.filter((other) => other !== member);
  delete instances[digest];
}

/** `KEY=VALUE` each. @throws TspodError BAD_ARGUMENT */
export function parseAnnotations(texts: readonly string[]): Record<string, string> {
  const parsed: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 0) {
      throw new TspodError('BAD_ARGUMENT', `expected --annotation "${text}" to be in key=value format`);
    }
    parsed[text.slice(0, at)] = text.slice(at + 1);
  }
  return parsed;
}

/**
 * The member that a digest, a file's path or an image's name means.
 *
 * @throws TspodError
 */
export async function findMember(
  context: ImageContext,
  list: ManifestList,
  text: string,
  options: RemoteOptions = {},
): Promise<Digest> {
  if (isDigest(text)) return text;
  const files = Object.entries(list.artifacts.files ?? {});
  const base = text.split('/').at(-1) ?? '';
  const ofFile = files.find(([, paths]) => paths.some((path) => path === text || path.split('/').at(-1) === base));
  if (ofFile && isDigest(ofFile[0])) return ofFile[0];
  const local = findImage(context, text);
  if (local) return digestOf(context.store.bigData(local.record, 'manifest'));
  return remoteDigest(context, text, options);
}

/** The descriptor of what an image index is about. @throws TspodError */
export async function subjectOf(context: ImageContext, name: string): Promise<Descriptor> {
  const remote = await openRemote(context, withDefaultTag(parseDocker(name.replace(/^docker:\/\//, ''))), {});
  try {
    const { bytes, digest, parsed } = remote.top;
    return { mediaType: parsed.mediaType, digest, size: bytes.length };
  } finally {
    await remote.client.close();
  }
}

async function remoteDigest(context: ImageContext, name: string, options: RemoteOptions): Promise<Digest> {
  const failed = (error: unknown) => {
    if (!(error instanceof TspodError)) return error;
    const words = `finding instance for "${name}": reading local image "${name}" to check if it's in the manifest list: `;
    return new TspodError(error.code, words + error.message, { cause: error });
  };
  try {
    const remote = await openRemote(context, withDefaultTag(parseDocker(name)), { retry: 0, ...options });
    await remote.client.close();
    return remote.top.digest;
  } catch (error) {
    throw failed(error);
  }
}

function memberOf(members: Descriptor[], digest: Digest): Descriptor {
  const member = members.find((entry) => entry.digest === digest);
  if (member) return member;
  throw new TspodError(
    'BAD_ARGUMENT',
    `no instance matching digest "${digest}" found in manifest list: file does not exist`,
  );
}
