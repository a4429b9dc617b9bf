/** Layers as zstd:chunked: every file in frames of its own, then the table of contents, the tar-split and a footer. */
import { createHash } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { gunzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '../../registry/manifest.ts';
import type { NativePackFile } from '../../system/native.ts';
import type { LayerPart } from '../save/image-parts.ts';
import type { BlobFacts, BlobStream } from '../save/layer-blob.ts';
import { chunkedAnnotation } from './annotations.ts';
import { splitEntries, splitText } from './split.ts';
import { type Member, tarMembers } from './tar-entries.ts';
import type { Toc, TocEntry } from './toc.ts';

/** @throws TspodError UNSUPPORTED for a layer with sparse files, CORRUPT_STORE while it is read */
export function chunkedBlob(layer: LayerPart, level: number | undefined): BlobStream {
  let facts: BlobFacts | undefined;
  async function* chunks(): AsyncGenerator<Buffer> {
    const members = [...tarMembers(splitEntries(gunzipSync(readFileSync(layer.tarSplit))))];
    const packed = layer.tar({ compression: 'zstd', level, perFile: true });
    const hash = createHash('sha256');
    let size = 0;
    const counted = (bytes: Buffer) => {
      hash.update(bytes);
      size += bytes.length;
      return bytes;
    };
    for await (const chunk of packed) yield counted(chunk);
    const tail = tailOf(members, packed.result().files, size);
    yield counted(tail.bytes);
    facts = { digest: `sha256:${hash.digest('hex')}`, size, annotations: tail.annotations };
  }
  return {
    [Symbol.asyncIterator]: chunks,
    async writeTo(fd) {
      for await (const chunk of chunks()) for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
    },
    result() {
      if (!facts) throw new Error('the layer was not read');
      return facts;
    },
  };
}

/** What follows the frames, and where it lies. */
function tailOf(members: Member[], files: NativePackFile[], offset: number) {
  const entries = members.flatMap(({ entry }) => entry ?? []);
  const split = splitText(
    members.map(({ entry, raw, crc }) => ({ raw, crc, name: entry?.name ?? null, size: entry?.size ?? 0 })),
  );
  const tarSplit = zstdCompressSync(split);
  const described: Toc = { version: 1, entries: withPlaces(entries, files), tarSplitDigest: digestOf(tarSplit) };
  const toc = Buffer.from(JSON.stringify(described));
  const packedToc = zstdCompressSync(toc);
  const tocOffset = offset + frameHeader;
  const splitOffset = tocOffset + packedToc.length + frameHeader;
  const annotations = {
    [chunkedAnnotation.checksum]: digestOf(packedToc),
    [chunkedAnnotation.position]: `${tocOffset}:${packedToc.length}:${toc.length}:1`,
    [chunkedAnnotation.tarSplit]: `${splitOffset}:${tarSplit.length}:${split.length}`,
  };
  const numbers = [tocOffset, packedToc.length, toc.length, 1, splitOffset, tarSplit.length, split.length];
  const bytes = Buffer.concat([skippable(packedToc), skippable(tarSplit), skippable(footer(numbers))]);
  return { bytes, annotations };
}

/** Files with content get the places of their frames: both lists are in the order of the tar. */
function withPlaces(entries: TocEntry[], files: NativePackFile[]): TocEntry[] {
  let next = 0;
  return entries.map((entry) => {
    const place = entry.type === 'reg' && entry.size ? files[next++] : undefined;
    if (!place) return entry;
    return { ...entry, digest: `sha256:${place.digest}`, offset: place.start, endOffset: place.end };
  });
}

/** Magic and length of a skippable frame (RFC 8878, 3.1.2). */
const frameHeader = 8;

function skippable(content: Buffer): Buffer {
  const header = Buffer.alloc(frameHeader);
  header.writeUInt32LE(0x184d2a50, 0);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

function footer(numbers: number[]): Buffer {
  const bytes = Buffer.alloc(64);
  for (const [index, value] of numbers.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8);
  bytes.write('GNUlInUx', 56, 'latin1');
  return bytes;
}
