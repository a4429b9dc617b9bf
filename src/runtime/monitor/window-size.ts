import type { WriteStream } from 'node:tty';
import { resize } from './resize.ts';

/** Keeps the container's terminal as large as ours. Returns the function that ends it. */
export function followWindowSize(ctlPath: string): () => void {
  const terminal = ownTerminal();
  if (terminal === null) return () => undefined;
  const update = () => {
    const [columns, rows] = terminal.getWindowSize();
    void resize(ctlPath, rows, columns);
  };
  update();
  process.on('SIGWINCH', update);
  return () => void process.off('SIGWINCH', update);
}

function ownTerminal(): WriteStream | null {
  if (process.stdout.isTTY) return process.stdout;
  if (process.stderr.isTTY) return process.stderr;
  if (!process.stdin.isTTY) return null;
  const { WriteStream: Terminal } = process.getBuiltinModule('node:tty');
  const terminal = new Terminal(0);
  terminal.unref();
  return terminal;
}
