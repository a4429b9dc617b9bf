/** Stores of one test each, images made in memory, and Podman and Skopeo on the same folders. */
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Digest } from '../../src/oci/digest.ts';
import { type ImageRecord, openStore, type Store } from '../../src/storage/store.ts';
import { exec, must, type Result } from '../helpers/exec.ts';
import { removeTree } from '../helpers/tspod.ts';

export interface TestStore {
  dir: string;
  root: string;
  runroot: string;
  /** A new Store object on the same folders: another process would see the same. */
  open(): Store;
  podman(...args: string[]): Promise<Result>;
  /** `containers-storage:[overlay@ROOT+RUNROOT]NAME` */
  reference(name: string): string;
  cleanup(): Promise<void>;
}

export function newTestStore(driver: 'overlay' | 'vfs' = 'overlay'): TestStore {
  const dir = mkdtempSync(join(tmpdir(), 'tspod-store-'));
  const [root, runroot] = [join(dir, 'root'), join(dir, 'run')];
  const globals = ['--root', root, '--runroot', runroot, '--storage-driver', driver];
  return {
    dir,
    root,
    runroot,
    open: () => openStore({ graphRoot: root, runRoot: runroot, driver }),
    podman: (...args) => exec('podman', [...globals, ...args]),
    reference: (name) => `containers-storage:[${driver}@${root}+${runroot}]${name}`,
    cleanup: () => removeTree(dir),
  };
}

export interface TestFile {
  name: string;
  content?: string | Buffer;
  type?: 'file' | 'directory' | 'symlink' | 'link';
  linkname?: string;
  mode?: number;
  uid?: number;
}

/** The bytes of an uncompressed tar. */
export async function tarOf(files: TestFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content = '', type = 'file', linkname, mode = 0o644, uid = 0 } of files) {
    const mtime = new Date(1_700_000_000_000);
    archive.entry({ name, type, mode, uid, mtime, ...(linkname ? { linkname } : {}) }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface TestImage {
  id: string;
  names: string[];
  config: Buffer;
  manifest: Buffer;
  manifestDigest: Digest;
  layers: { blob: Buffer; digest: Digest; diffId: Digest }[];
}

export function sha256(data: Buffer): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** An OCI image of gzipped layers. */
export async function makeImage(name: string, layers: TestFile[][]): Promise<TestImage> {
  const blobs = await Promise.all(
    layers.map(async (files) => {
      const tar = await tarOf(files);
      const blob = gzipSync(tar);
      return { blob, digest: sha256(blob), diffId: sha256(tar) };
    }),
  );
  const config = Buffer.from(
    JSON.stringify({
      created: '2024-05-06T07:08:09Z',
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['/bin/sh'], Labels: { name } },
      rootfs: { type: 'layers', diff_ids: blobs.map(({ diffId }) => diffId) },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
      layers: blobs.map(({ blob, digest }) => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        digest,
        size: blob.length,
      })),
    }),
  );
  const id = sha256(config).slice(7);
  return { id, names: [name], config, manifest, manifestDigest: sha256(manifest), layers: blobs };
}

/** Stages what the store lacks and commits: what a pull does. */
export async function storeImage(store: Store, image: TestImage): Promise<ImageRecord> {
  const ids = store.layerIds(image.layers.map(({ diffId }) => diffId));
  const staged = await Promise.all(
    image.layers.map(({ blob, digest, diffId }, index) => {
      const id = ids[index] ?? '';
      if (store.hasLayer(id)) return id;
      return store.stageLayer(chunksOf(blob), { digest, size: blob.length, diffId });
    }),
  );
  return store.commitImage({
    id: image.id,
    names: image.names,
    staged,
    created: '2024-05-06T07:08:09Z',
    digest: image.manifestDigest,
    bigData: [
      [`sha256:${image.id}`, image.config],
      [`manifest-${image.manifestDigest}`, image.manifest],
      ['manifest', image.manifest],
    ],
  });
}

export async function* chunksOf(data: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += 65536) yield data.subarray(at, at + 65536);
}

/** 64 hex characters, the same for the same text. */
export function idOf(text: string): string {
  return sha256(Buffer.from(text)).slice(7);
}

export function newContainer(store: Store, name: string, image: string | null, volatile = false): string {
  const id = idOf(name);
  store.createContainer({ id, name, imageId: image, volatile, metadata: '{}' });
  return id;
}

/** A base folder tree with a shell: enough to be run. */
export const baseFiles: TestFile[] = [
  { name: 'bin', type: 'directory', mode: 0o755 },
  { name: 'etc', type: 'directory', mode: 0o755 },
  { name: 'etc/os-release', content: 'ID=test\n' },
  { name: 'srv', type: 'directory', mode: 0o700, uid: 1000 },
  { name: 'srv/a', content: 'a', uid: 1000 },
];

export { exec, must };
