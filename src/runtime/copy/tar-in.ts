/** The entries of a tar archive, plain or compressed. What decodes it belongs to the host, never to the container. */
import type { Readable } from 'node:stream';
import type { Header } from 'tar-stream';
import { messageOf, TspodError } from '../../errors.ts';
import type { TarType } from '../../storage/tar-header.ts';
import { type CopyEntry, isPortable, normalized } from './entry.ts';

/** @throws BAD_ARGUMENT when it is no tar archive, before the first entry */
export async function* readTar(input: Readable): AsyncGenerator<CopyEntry> {
  const { extract } = await import('tar-stream');
  const { pipeline } = await import('node:stream');
  const parser = extract();
  pipeline(await decoded(input), parser, () => undefined);
  let seen = false;
  try {
    for await (const entry of parser as unknown as AsyncIterable<Member>) {
      seen = true;
      const made = entryOf(entry.header, entry);
      if (made) yield made;
      entry.resume();
    }
  } catch (cause) {
    if (seen || cause instanceof TspodError) throw cause;
    throw notTar(cause);
  }
  if (!seen) throw notTar(undefined);
}

type Member = AsyncIterable<Uint8Array> & { header: Header; resume(): void };

function notTar(cause: unknown): TspodError {
  const words = 'source must be a (compressed) tar archive when copying from stdin';
  return new TspodError('BAD_ARGUMENT', words, { cause });
}

const types: Partial<Record<NonNullable<Header['type']>, TarType>> = {
  ...{ file: 'file', 'contiguous-file': 'file', link: 'link', symlink: 'symlink', directory: 'directory' },
  ...{ 'character-device': 'character-device', 'block-device': 'block-device', fifo: 'fifo' },
};

function entryOf(header: Header, content: AsyncIterable<Uint8Array>): CopyEntry | null {
  const type = types[header.type ?? 'file'];
  const path = latin1(normalized(header.name));
  if (!type || path === '') return null;
  const target = header.linkname ?? '';
  const attributes = Object.entries(header.pax ?? {}).flatMap(([key, value]): [string, Buffer][] => {
    const name = key.replace(/^SCHILY\.xattr\./, '');
    return name !== key && isPortable(name) && /^[\x20-\x7e]*$/.test(value) ? [[name, Buffer.from(value)]] : [];
  });
  return {
    ...{ path, type, attributes, content, mode: (header.mode ?? 0o644) & 0o7777, size: header.size ?? 0 },
    ...{ uid: header.uid ?? 0, gid: header.gid ?? 0, major: header.devmajor ?? 0, minor: header.devminor ?? 0 },
    mtime: (header.mtime?.getTime() ?? 0) / 1000,
    linkname: latin1(type === 'link' ? normalized(target) : target),
  };
}

/** Names are bytes as latin1 from here on. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

async function decoded(input: Readable): Promise<Readable> {
  const { PassThrough, pipeline } = await import('node:stream');
  const iterator = input[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  for (let size = 0; size < 6; ) {
    const { value, done } = await iterator.next();
    if (done) break;
    head.push(value as Buffer);
    size += (value as Buffer).length;
  }
  const magic = Buffer.concat(head).subarray(0, 6).toString('hex');
  const { Readable: Stream } = await import('node:stream');
  const whole = Stream.from(
    (async function* () {
      yield* head;
      yield* { [Symbol.asyncIterator]: () => iterator };
    })(),
    { objectMode: false },
  );
  const decoder = await decoderFor(magic);
  const out = new PassThrough();
  if (decoder) pipeline(whole, decoder, out, () => undefined);
  else pipeline(whole, out, () => undefined);
  return out;
}

async function decoderFor(magic: string): Promise<NodeJS.ReadWriteStream | null> {
  const zlib = await import('node:zlib');
  if (magic.startsWith('1f8b')) return zlib.createGunzip();
  if (magic.startsWith('28b52ffd')) return zlib.createZstdDecompress();
  if (magic.startsWith('425a68')) return program('bzip2');
  if (magic.startsWith('fd377a585a00')) return program('xz');
  return null;
}

/** Of the host's PATH; it runs in the host's root and gets nothing but the stream. */
async function program(name: string): Promise<NodeJS.ReadWriteStream> {
  const { spawn } = await import('node:child_process');
  const { Duplex } = await import('node:stream');
  const child = spawn(name, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'], cwd: '/' });
  const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
  child.on('error', (cause) => {
    stream.destroy(new TspodError('MISSING_PROGRAM', `running ${name} of the host: ${messageOf(cause)}`, { cause }));
  });
  return stream;
}
