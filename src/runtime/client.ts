/** A running container's streams, for programs that bring their own instead of this process's. */
import { bundleDir } from '../config/paths.ts';
import { hasErrno, TspodError } from '../errors.ts';
import type { AttachSocket } from '../system/seqpacket.ts';
import type { RuntimeContext } from './context.ts';
import { resize } from './monitor/resize.ts';

export type { AttachSocket, AttachStream } from '../system/seqpacket.ts';

/**
 * Connects to a container: packets of its output come from then on, and what is written is its input. With a terminal
 * all output is stdout. The container waits for a slow reader; one that reads nothing for two seconds is dropped.
 * CONTAINER_STATE when it does not run.
 */
export async function connectContainer(rt: RuntimeContext, id: string): Promise<AttachSocket> {
  const { connectAttach } = await import('../system/seqpacket.ts');
  try {
    return connectAttach(`${bundleDir(rt.paths, id)}/attach`);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ECONNREFUSED')) throw error;
    const words = `attaching to container ${id}: you can only attach to running containers`;
    throw new TspodError('CONTAINER_STATE', words, { cause: error });
  }
}

/** Gives the container's terminal so many cells, up to 1000 either way. A container that ended is no error. */
export function resizeTerminal(rt: RuntimeContext, id: string, rows: number, columns: number): Promise<void> {
  return resize(`${bundleDir(rt.paths, id)}/ctl`, rows, columns);
}
