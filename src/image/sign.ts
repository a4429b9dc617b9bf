/** `image sign`: signatures of images that are in a registry or in the store, put into a lookaside folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { registryScopes } from '../config/policy-scopes.ts';
import { signatureStorage } from '../config/registries-d.ts';
import { TspodError } from '../errors.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import { digestOf, parseManifest } from '../registry/manifest.ts';
import { formatReference, parseDocker, type Reference, withDefaultTag } from '../registry/reference.ts';
import type { ImageContext } from './context.ts';
import { requireImage } from './lookup.ts';
import { openRemote, type RemoteOptions } from './open-source.ts';
import { addToFolder, addToLookaside } from './signature/lookaside-write.ts';
import type { Signer } from './signature/signer.ts';

export interface SignOptions extends RemoteOptions {
  signer: Signer;
  /** The lookaside folder, when it is not that of registries.d. */
  directory?: string | undefined;
  /** Sign the images of an index, not the index. */
  all?: boolean | undefined;
}

interface Subject {
  reference: Reference;
  manifest: Buffer;
}

/**
 * Signs one image.
 *
 * @param name `docker://NAME` or `containers-storage:NAME`
 * @throws TspodError BAD_ARGUMENT, NO_SUCH_IMAGE, and what the registry or gpg says
 */
export async function signImage(context: ImageContext, name: string, options: SignOptions): Promise<void> {
  const { directory, signer } = options;
  if (directory !== undefined && !existsSync(directory)) {
    throw new TspodError('BAD_ARGUMENT', `faccessat ${directory}: no such file or directory`);
  }
  const { reference, manifest } = await subjectOf(context, name, options);
  for (const digest of digestsOf(name, manifest, options.all ?? false)) {
    const signature = await signer.sign(digest, formatReference(reference));
    if (directory !== undefined) {
      addToFolder(join(directory, `${reference.path}@sha256=${hexOf(digest)}`), signature);
    } else {
      const { write } = await signatureStorage(registryScopes(reference));
      addToLookaside(write, reference, digest, signature);
    }
  }
}

async function subjectOf(context: ImageContext, name: string, options: SignOptions): Promise<Subject> {
  const [, transport, rest = ''] = /^([a-z-]+):(.*)$/.exec(name) ?? [];
  if (transport === 'docker' && rest.startsWith('//')) return remoteSubject(context, rest.slice(2), options);
  if (transport === 'containers-storage') return storedSubject(context, rest.replace(/^\[[^\]]*\]/, ''));
  const reason =
    transport === undefined ? 'expected colon-separated transport:reference' : `unknown transport "${transport}"`;
  throw new TspodError('BAD_ARGUMENT', `parsing image name: Invalid image name "${name}", ${reason}`, {
    hint: 'sign "docker://NAME" in a registry or "containers-storage:NAME" in the store',
  });
}

async function remoteSubject(context: ImageContext, name: string, options: SignOptions): Promise<Subject> {
  const reference = withDefaultTag(parseDocker(name));
  const { client, top } = await openRemote(context, reference, options);
  await client.close();
  return { reference, manifest: top.bytes };
}

function storedSubject(context: ImageContext, wanted: string): Subject {
  const { record, name } = requireImage(context, wanted);
  if (record.id.startsWith(wanted.replace(/^sha256:/, ''))) {
    throw new TspodError(
      'BAD_ARGUMENT',
      `cannot determine canonical Docker reference for destination containers-storage:${wanted}: use a name`,
    );
  }
  return { reference: withDefaultTag(parseDocker(name)), manifest: context.store.bigData(record, 'manifest') };
}

function digestsOf(name: string, bytes: Buffer, all: boolean): Digest[] {
  if (!all) return [digestOf(bytes)];
  const parsed = parseManifest(bytes);
  if (parsed.kind === 'index') return parsed.index.manifests.map(({ digest }) => digest);
  throw new TspodError('BAD_ARGUMENT', `${name} is not a multi-architecture image (manifest type ${parsed.mediaType})`);
}
