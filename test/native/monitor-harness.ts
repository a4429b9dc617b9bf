/** Runs the real monitor, built with sanitizers, around a runtime of a few lines of shell. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePipe, makeSocketPair, readLine, readToEnd } from '../../src/system/pipe.ts';
import { waitExit } from '../../src/system/proc.ts';
import { type AttachSocket, connectAttach } from '../../src/system/seqpacket.ts';
import { buildSanitized, built, isSanitizedBuild, sanitized } from './monitor-build.ts';

/**
 * create and exec start $PAYLOAD, write its pid and end, as crun and runc do (only that create does not wait for start).
 * delete notes what exit files there are. $FAIL makes all of them fail with that text, $FAIL_START start alone,
 * $NO_PID leaves the pidfile out, $BEFORE is done first.
 */
const runtimeScript = `#!/bin/sh
dir=$(dirname "$0")
echo "$*" >> "$dir/runtime-calls"
[ -n "$FAIL" ] && { echo "$FAIL" >&2; exit 1; }
case $1 in
start) [ -z "$FAIL_START" ] || { echo "$FAIL_START" >&2; exit 1; }; exit 0 ;;
delete) echo "exits: $(ls "$dir/exits")" >> "$dir/runtime-calls"; exit 0 ;;
esac
while [ $# -gt 0 ]; do
  [ "$1" = --pid-file ] && pidfile=$2
  [ "$1" = --console-socket ] && console=$2
  shift
done
[ -n "$NO_PID" ] && exit 0
eval "$BEFORE"
exec 9<&0
# In a subshell that is gone before it begins: else a shell could take the exit status, which is the monitor's to take.
(setsid sh -c "until [ -e '$pidfile' ]; do sleep 0.01; done; $PAYLOAD" <&9 9<&- & echo $! > "$pidfile.tmp")
mv "$pidfile.tmp" "$pidfile"
`;

export { buildSanitized, built, isSanitizedBuild, sanitized };

export interface StartOptions {
  env?: Record<string, string>;
  /** Further arguments. */
  args?: string[];
  exec?: boolean;
  log?: string;
  stdin?: boolean;
  /** Instead of a pipe. */
  stdout?: number;
  /** Extra fds of the monitor from 3 + pipes on. */
  fds?: number[];
  /** Do not write the first byte into the start pipe. */
  holdStart?: boolean;
  monitor?: string;
  /** The attach socket behind a link in a folder of links. */
  socketDir?: string;
}

/** One monitor in a folder of its own. */
export class MonitorRun {
  readonly dir = mkdtempSync('/tmp/tspod-monitor-');
  readonly id = `monitortest${Math.random().toString(16).slice(2, 14)}`;
  readonly bundle = `${this.dir}/bundle`;
  readonly log = `${this.dir}/ctr.log`;
  starter: ChildProcess | undefined;
  stderr = '';
  #sync = -1;
  #start = -1;
  #attach = -1;
  #sockets: AttachSocket[] = [];

  constructor() {
    mkdirSync(this.bundle);
    mkdirSync(`${this.dir}/exits`);
    mkdirSync(`${this.dir}/persist`);
    writeFileSync(`${this.dir}/runtime`, runtimeScript);
    chmodSync(`${this.dir}/runtime`, 0o755);
  }

  /** Starts it and returns the process that detaches it. */
  start(payload: string, options: StartOptions = {}): ChildProcess {
    const sync = makeSocketPair('seqpacket');
    const start = makePipe();
    const attach = makeSocketPair('seqpacket');
    const child = spawn(options.monitor ?? sanitized, [...this.#args(options), ...(options.args ?? [])], {
      stdio: ['ignore', options.stdout ?? 'pipe', 'pipe', sync[1], start[0], attach[1], ...(options.fds ?? [])],
      env: {
        PATH: process.env['PATH'],
        PAYLOAD: payload,
        ASAN_OPTIONS: `log_path=${this.dir}/sanitizer`,
        UBSAN_OPTIONS: `log_path=${this.dir}/sanitizer`,
        _OCI_SYNCPIPE: '3',
        _OCI_STARTPIPE: '4',
        _OCI_ATTACHPIPE: '5',
        ...options.env,
      },
    });
    for (const fd of [sync[1], start[0], attach[1]]) closeSync(fd);
    [this.#sync, this.#start, this.#attach] = [sync[0], start[1], attach[0]];
    child.stderr?.on('data', (data) => {
      this.stderr += String(data);
    });
    this.starter = child;
    if (!options.holdStart) this.go();
    return child;
  }

  #args(options: StartOptions): string[] {
    const exec = ['--exec', '--exec-attach', '--exec-process-spec', '/dev/null'];
    return [
      ...['--api-version', '1', '-c', this.id, '-u', this.id, '-n', 'test', '-r', `${this.dir}/runtime`],
      ...['-b', this.bundle, '-p', `${this.dir}/pidfile`, '-P', `${this.dir}/monitor-pid`],
      ...(options.socketDir ? ['--socket-dir-path', options.socketDir] : ['--full-attach']),
      ...['-l', options.log ?? `k8s-file:${this.log}`],
      ...['--exit-dir', `${this.dir}/exits`, '--persist-dir', `${this.dir}/persist`],
      ...(options.exec ? exec : []),
      ...(options.stdin ? ['-i'] : []),
    ];
  }

  /** One byte on the start pipe. */
  go(): void {
    writeSync(this.#start, '\0');
  }

  closeStart(): void {
    closeSync(this.#start);
    this.#start = -1;
  }

  /** As when the caller was killed. */
  closeAll(): void {
    for (const fd of [this.#sync, this.#start, this.#attach]) if (fd >= 0) closeSync(fd);
    this.#sync = this.#start = this.#attach = -1;
  }

  async report(): Promise<{ data: number; message?: string } | null> {
    const line = await readLine(this.#sync);
    return line === null ? null : JSON.parse(line);
  }

  attachReport(): Promise<string | null> {
    return readLine(this.#attach);
  }

  /** Resolves when the monitor closed the sync pipe: the exit files are written. */
  async end(): Promise<void> {
    await readToEnd(this.#sync);
  }

  /** The monitor's pid, once it has detached. */
  async pid(): Promise<number> {
    const path = `${this.dir}/monitor-pid`;
    while (!existsSync(path)) await sleep(5);
    return Number(readFileSync(path, 'utf8'));
  }

  /** What the monitor noted about itself. */
  notes(): string {
    return readOr(`${this.bundle}/monitor.log`, '');
  }

  /** Waits for the process itself, exit command included. */
  async gone(): Promise<void> {
    await waitExit(await this.pid());
  }

  connect(): AttachSocket {
    const socket = connectAttach(`${this.bundle}/attach`);
    this.#sockets.push(socket);
    return socket;
  }

  /** The log's records. */
  records(path = this.log): { stream: string; flag: string; text: string }[] {
    const lines = readFileSync(path, 'utf8').split('\n');
    if (lines.pop() !== '') throw new Error('the log ends within a record');
    return lines.map((line) => {
      const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d (stdout|stderr) ([FP]) ([^\n]*)$/.exec(line);
      if (!match) throw new Error(`no record: ${line.slice(0, 200)}`);
      return { stream: match[1] ?? '', flag: match[2] ?? '', text: match[3] ?? '' };
    });
  }

  exitFile(): string | null {
    const path = `${this.dir}/exits/${this.id}`;
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  runtimeCalls(): string {
    const path = `${this.dir}/runtime-calls`;
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Ends what is left, checks that no sanitizer complained, removes the folder. */
  async cleanUp(): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    this.closeAll();
    if (existsSync(`${this.dir}/monitor-pid`)) {
      killQuietly(Number(readOr(`${this.dir}/pidfile`, '0')));
      await Promise.race([this.gone(), sleep(10_000)]);
      killQuietly(Number(readOr(`${this.dir}/monitor-pid`, '0')));
    }
    const complaints = readdirSync(this.dir).filter((name) => name.startsWith('sanitizer'));
    const text = complaints.map((name) => readFileSync(`${this.dir}/${name}`, 'utf8')).join('\n');
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    if (text !== '') throw new Error(text);
  }
}

/** Collects everything that a client gets. */
export function collect(socket: AttachSocket): { out(): string; err(): string; sizes: number[] } {
  const parts: Record<number, Buffer[]> = { 2: [], 3: [] };
  const sizes: number[] = [];
  socket.onPacket((stream, data) => {
    sizes.push(data.length);
    parts[stream]?.push(Buffer.from(data));
  });
  const text = (stream: number) => Buffer.concat(parts[stream] ?? []).toString('latin1');
  return { out: () => text(2), err: () => text(3), sizes };
}

export function openFile(path: string): number {
  return openSync(path, 'w+');
}

/** Asks again and again, until it is true. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

function readOr(path: string, otherwise: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : otherwise;
}

function killQuietly(pid: number): void {
  try {
    if (pid > 1) process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
