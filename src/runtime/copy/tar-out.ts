/** Entries as a tar archive on an open file or pipe. */
import { writeSync } from 'node:fs';
import { hasErrno } from '../../errors.ts';
import { padding, tarHeader } from '../../storage/tar-header.ts';
import type { CopyEntry } from './entry.ts';

/** @throws errno errors of the write */
export async function writeTar(fd: number, entries: AsyncIterable<CopyEntry>): Promise<void> {
  for await (const entry of entries) {
    const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
    const records = entry.attributes.map(([key, value]): [string, Buffer] => [`SCHILY.xattr.${key}`, value]);
    await writeAll(fd, tarHeader({ ...entry, name, records, mtime: Math.max(0, Math.floor(entry.mtime)) }));
    if (entry.type === 'file') await writeContent(fd, entry);
  }
  await writeAll(fd, Buffer.alloc(1024));
}

/** As long as the header says, whatever a process does to the file meanwhile. */
async function writeContent(fd: number, { size, content }: CopyEntry): Promise<void> {
  let left = size;
  if (left > 0) {
    for await (const chunk of content) {
      await writeAll(fd, chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
    }
  }
  for (; left > 0; left -= Math.min(left, 1 << 20)) await writeAll(fd, Buffer.alloc(Math.min(left, 1 << 20)));
  await writeAll(fd, padding(size));
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      // Somebody made the pipe non-blocking, and its reader is slow.
      if (!hasErrno(error, 'EAGAIN')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
