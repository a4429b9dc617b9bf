/** Questions on the terminal. */
import { readSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { Context } from '../cli/command.ts';
import { TspodError } from '../errors.ts';

/**
 * Asks for one line. Hidden answers are not echoed.
 *
 * @throws TspodError BAD_ARGUMENT when standard input has ended
 */
export function promptLine(context: Context, question: string, { hidden = false } = {}): string {
  context.stdout(question);
  const terminal = hidden && context.stdinIsTerminal ? new ReadStream(0) : null;
  terminal?.setRawMode(true);
  try {
    return readLine();
  } finally {
    terminal?.setRawMode(false);
    terminal?.destroy();
    if (hidden) context.stdout('\n');
  }
}

function readLine(): string {
  const bytes: number[] = [];
  const byte = Buffer.alloc(1);
  for (;;) {
    const length = readSync(0, byte, 0, 1, null);
    const code = byte[0] ?? 0;
    if (length === 0 && bytes.length === 0) throw new TspodError('BAD_ARGUMENT', 'reading username: EOF');
    if (code === 3) process.exit(130);
    if (length === 0 || code === 10 || code === 13) return Buffer.from(bytes).toString('utf8');
    if (code === 127 || code === 8) bytes.pop();
    else bytes.push(code);
  }
}
