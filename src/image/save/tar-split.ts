/** Reads a tar-split file (protocols.md 2.9): how the tar of a layer was put together. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { TspodError } from '../../errors.ts';

export type TarSplitEntry =
  | { kind: 'raw'; bytes: Buffer }
  /** The content of a file; the name as bytes, for it need not be UTF-8. */
  | { kind: 'file'; name: Buffer; size: number };

interface Line {
  type?: number;
  payload?: string | null;
  name?: string;
  name_raw?: string;
  size?: number;
}

/** @throws TspodError CORRUPT_STORE */
export async function* readTarSplit(path: string): AsyncGenerator<TarSplitEntry> {
  const gunzip = createGunzip();
  const source = createReadStream(path);
  source.on('error', (error) => gunzip.destroy(error));
  const lines = createInterface({ input: source.pipe(gunzip), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const line of lines) {
      const entry = line === '' ? null : parse(line, path);
      if (entry) yield entry;
    }
  } catch (error) {
    if (error instanceof TspodError) throw error;
    throw new TspodError('CORRUPT_STORE', `reading "${path}": ${(error as Error).message}`, { cause: error });
  }
}

function parse(text: string, path: string): TarSplitEntry | null {
  let line: Line;
  try {
    line = JSON.parse(text) as Line;
  } catch (error) {
    throw new TspodError('CORRUPT_STORE', `"${path}" is no tar-split file`, { cause: error });
  }
  if (line.type === 2) return { kind: 'raw', bytes: Buffer.from(line.payload ?? '', 'base64') };
  if (line.type !== 1 || !line.size) return null;
  const name = line.name_raw ? Buffer.from(line.name_raw, 'base64') : Buffer.from(line.name ?? '');
  return { kind: 'file', name, size: line.size };
}
