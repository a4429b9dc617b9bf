/** Decoders that Node lacks: the programs of every distribution do it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { hasErrno, TspodError } from '../../errors.ts';

/**
 * What `xz -dc` or `bzip2 -dc` makes of a stream.
 *
 * @throws TspodError CORRUPT_BLOB in the program's words, MISSING_PROGRAM, and what the source throws
 */
export async function* throughProgram(
  program: 'xz' | 'bzip2',
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'pipe'] });
  await started(child, program);
  const ended = once(child, 'close') as Promise<[status: number | null]>;
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const fed = feed(source, child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const failure = await fed;
    if (failure) throw failure;
    const [status] = await ended;
    if (status !== 0) throw new TspodError('CORRUPT_BLOB', wordsOf(errors) || `${program} ended with ${status}`);
  } finally {
    child.kill();
  }
}

/** @returns what the source threw. That the program reads no more is its own affair: its status says why. */
async function feed(source: AsyncIterable<Uint8Array>, to: Writable): Promise<unknown> {
  try {
    await pipeline(Readable.from(source, { objectMode: false }), to);
  } catch (error) {
    return error instanceof TspodError ? error : null;
  }
  return null;
}

async function started(child: ChildProcess, program: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT')) throw cause;
    const hint = `install the package ${program === 'xz' ? 'xz-utils' : program}`;
    const words = `${program} is needed to read this archive, and is not installed`;
    throw new TspodError('MISSING_PROGRAM', words, { hint, cause });
  }
}

function wordsOf(errors: Buffer[]): string {
  return Buffer.concat(errors).toString('utf8').trim().split('\n')[0] ?? '';
}
