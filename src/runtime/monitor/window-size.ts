import { windowSize } from '../../system/terminal.ts';
import { resize } from './resize.ts';

/** Keeps the container's terminal as large as ours. Returns the function that ends it. */
export function followWindowSize(ctlPath: string): () => void {
  const fd = [0, 1, 2].find((each) => windowSize(each) !== null);
  if (fd === undefined) return () => undefined;
  const update = () => {
    const size = windowSize(fd);
    if (size) void resize(ctlPath, size.rows, size.columns);
  };
  update();
  process.on('SIGWINCH', update);
  return () => void process.off('SIGWINCH', update);
}
