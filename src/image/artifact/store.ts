/** The artifact store: GRAPHROOT/artifacts, an OCI image layout that Podman 5.4 and newer share, under Podman's lock. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hasErrno, TspodError } from '../../errors.ts';
import { type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import type { Descriptor, Index, Manifest } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { digestOf, parseManifest } from '../../registry/manifest.ts';
import { writeFileAtomic } from '../../system/atomic-file.ts';
import { type LockMode, withLock } from '../../system/lock.ts';
import type { ImageContext } from '../context.ts';

export interface Artifact {
  /** As it was given, '' for one without. */
  name: string;
  digest: Digest;
  manifest: Manifest;
  bytes: Buffer;
}

const nameKey = 'org.opencontainers.image.ref.name';

/** The open store; only inside of `withArtifacts`. */
export class ArtifactStore {
  readonly folder: string;
  #index: Index;

  constructor(folder: string) {
    this.folder = folder;
    this.#index = readIndex(folder);
  }

  list(): Artifact[] {
    return this.#index.manifests.map((entry) => this.#load(entry));
  }

  /** By its name, or by its digest or the start of one. */
  find(text: string): Artifact | null {
    const { manifests } = this.#index;
    const hex = text.replace(/^sha256:/, '');
    const byDigest = /^[0-9a-f]{3,64}$/.test(hex)
      ? manifests.filter(({ digest }) => hexOf(digest).startsWith(hex))
      : [];
    const [only] = byDigest;
    const found = manifests.find((entry) => nameOf(entry) === text) ?? (byDigest.length === 1 ? only : undefined);
    return found ? this.#load(found) : null;
  }

  /** @throws TspodError NO_SUCH_IMAGE */
  require(text: string): Artifact {
    const found = this.find(text);
    if (!found) throw new TspodError('NO_SUCH_IMAGE', `${text}: artifact does not exist`, { exitCode: 125 });
    return found;
  }

  /** Gives a manifest the name; what had it goes. The blobs must be there. @returns its digest */
  put(name: string, bytes: Buffer): Digest {
    const digest = digestOf(bytes);
    this.putBlob(bytes);
    const annotations = { [nameKey]: name };
    const entry = { mediaType: mediaTypes.ociManifest, digest, size: bytes.length, annotations };
    this.#save([...this.#index.manifests.filter((other) => nameOf(other) !== name), entry]);
    return digest;
  }

  remove({ name, digest }: Artifact): void {
    this.#save(this.#index.manifests.filter((entry) => entry.digest !== digest || nameOf(entry) !== name));
  }

  /** A small blob. */
  putBlob(bytes: Buffer): void {
    const path = this.blobPath(digestOf(bytes));
    if (!existsSync(path)) writeFileAtomic(path, bytes, { mode: 0o644 });
  }

  blobPath(digest: Digest): string {
    if (!isDigest(digest)) throw new TspodError('CORRUPT_STORE', `invalid digest ${JSON.stringify(digest)}`);
    return `${this.folder}/blobs/sha256/${hexOf(digest)}`;
  }

  #save(manifests: Descriptor[]): void {
    this.#index = { ...this.#index, manifests };
    writeFileAtomic(`${this.folder}/index.json`, JSON.stringify(this.#index), { mode: 0o644 });
    this.#collect();
  }

  /** Deletes blobs that no manifest mentions: of what was removed, or of a process that died. */
  #collect(): void {
    const used = new Set<string>();
    for (const { digest, manifest } of this.list()) {
      for (const blob of [digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)]) {
        used.add(hexOf(blob));
      }
    }
    const blobs = `${this.folder}/blobs/sha256`;
    for (const file of readdirSync(blobs)) if (!used.has(file)) rmSync(`${blobs}/${file}`, { force: true });
  }

  #load(entry: Descriptor): Artifact {
    const bytes = readBlob(this.blobPath(entry.digest));
    const parsed = parseManifest(bytes, entry.mediaType);
    if (parsed.kind !== 'manifest') throw new TspodError('CORRUPT_STORE', `artifact ${entry.digest} is an index`);
    return { name: nameOf(entry), digest: entry.digest, manifest: parsed.manifest, bytes };
  }
}

/** Runs `fn` with the store locked; `exclusive` to change it. */
export async function withArtifacts<T>(
  { store }: ImageContext,
  mode: LockMode,
  fn: (artifacts: ArtifactStore) => T | Promise<T>,
): Promise<T> {
  const folder = `${store.paths.graphRoot}/artifacts`;
  mkdirSync(`${folder}/blobs/sha256`, { recursive: true, mode: 0o700 });
  return withLock(`${folder}/index.lock`, mode, () => {
    const layout = `${folder}/oci-layout`;
    if (!existsSync(layout)) writeFileAtomic(layout, '{"imageLayoutVersion":"1.0.0"}', { mode: 0o644 });
    return fn(new ArtifactStore(folder));
  });
}

function readIndex(folder: string): Index {
  const empty: Index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
  try {
    const parsed: unknown = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8'));
    const { manifests } = parsed as { manifests?: Descriptor[] | null };
    return { ...(parsed as Index), manifests: manifests ?? [] };
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return empty;
    throw new TspodError('CORRUPT_STORE', `"${folder}/index.json" cannot be read`, { cause: error });
  }
}

function readBlob(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TspodError('CORRUPT_STORE', `"${path}" is missing`, { cause: error });
  }
}

function nameOf({ annotations }: Descriptor): string {
  return annotations?.[nameKey] ?? '';
}
