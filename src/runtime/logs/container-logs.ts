import { setTimeout as sleep } from 'node:timers/promises';
import { bundleDir } from '../../config/paths.ts';
import { TspodError } from '../../errors.ts';
import { waitExit } from '../../system/proc.ts';
import type { Container } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { current } from '../sync.ts';
import type { LogChunk, LogFormat } from './format.ts';
import { readLogs } from './read.ts';

export interface LogsRequest extends LogFormat {
  /** Only so many lines from the end; negative: all. */
  tail: number;
  /** Until the container ends. */
  follow: boolean;
}

/** What a container printed. CONTAINER_STATE or UNSUPPORTED when its log driver keeps nothing that can be read. */
export async function* containerLogs(
  rt: RuntimeContext,
  container: Container,
  { follow, ...request }: LogsRequest,
): AsyncGenerator<LogChunk> {
  const { config } = container;
  checkDriver(config.log.driver, follow);
  const path = config.log.path || `${bundleDir(rt.paths, config.id)}/ctr.log`;
  const running = follow ? await runningNow(rt, container) : null;
  yield* readLogs({ path, ...request, ...(running ? { follow: endOf(running, request.until) } : {}) });
}

function checkDriver(driver: string, follow: boolean): void {
  if (driver === 'none' || driver.startsWith('passthrough')) {
    const words = `this container is using the '${driver}' log driver, cannot read logs`;
    throw new TspodError('CONTAINER_STATE', `${words}: this container is not logging output`);
  }
  if (driver === 'journald' && follow) {
    const words = 'using --follow with the journald --log-driver but without the journald --events-backend (file)';
    throw new TspodError('UNSUPPORTED', `${words} is not supported`);
  }
  if (driver === 'journald') {
    const hint = 'use `journalctl CONTAINER_NAME=...` to read them';
    throw new TspodError('UNSUPPORTED', 'reading logs of the journald log driver is not supported', { hint });
  }
}

/** Null when it does not run: then there is nothing to wait for. */
async function runningNow(rt: RuntimeContext, container: Container): Promise<Container | null> {
  const now = await current(rt, container);
  return now?.state.status === 'running' || now?.state.status === 'paused' ? now : null;
}

/** The monitor writes its last record, then the exit file, then it ends. */
function endOf({ state }: Container, until: bigint | undefined): Promise<unknown> {
  const ended = waitExit(state.monitorPid);
  const left = until === undefined ? 0 : Number(until / 1_000_000n) - Date.now();
  return left > 0 && left < 2 ** 31 ? Promise.race([ended, sleep(left, undefined, { ref: false })]) : ended;
}
