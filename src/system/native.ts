/**
 * The typed face of native/addon: the only file that loads a `.node`.
 *
 * The addon returns a value or -errno and nothing more; `check` here turns -errno into the error that node:fs would
 * throw (`code`, `errno`, `syscall`, `path`).
 */
import { existsSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';

/** An opaque handle of a watched fd. */
export type WatchHandle = { readonly watch: unique symbol };

/** What `run` of the addon returns: a raw wait status and the captured streams. */
export interface NativeRunResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** An opaque handle of a layer being unpacked. */
export type UnpackHandle = { readonly unpack: unique symbol };

export interface NativeUnpackOptions {
  dir: string;
  tarSplit: string;
  /** 64 hex characters, as all digests here. */
  expectedDigest: string | undefined;
  expectedDiffId: string | undefined;
  expectedSize: number | undefined;
  rootless: boolean;
  ignoreChownErrors: boolean;
  allowIsal: boolean;
  maxEntries: number;
  keepFree: number;
  maxRatio: number;
}

export interface NativeUnpackResult {
  digest: string;
  size: number;
  diffId: string;
  diffSize: number;
  compression: number;
  uids: number[];
  gids: number[];
}

export interface NativeUnpackFault {
  fault: 'corrupt' | 'refused' | 'unsupported' | 'system' | 'aborted';
  message: string;
  /** Negative, for `system`. */
  errno: number;
}

/** An opaque handle of a layer being packed. */
export type PackHandle = { readonly pack: unique symbol };

export interface NativePackOptions {
  folders: string[];
  tarSplit: string;
  /** 64 hex characters or ''. */
  expectedDiffId: string;
  /** As containers/storage numbers it: 0 none, 2 gzip, 4 zstd. */
  compression: number;
  /** 0 for the default. */
  level: number;
  threads: number;
  /** Where the stream goes; -1: to `packRead`. */
  fd: number;
  allowIsal: boolean;
  perFile: boolean;
}

/** One file with content: the bytes of the stream that hold it. */
export interface NativePackFile {
  /** 64 hex characters. */
  digest: string;
  start: number;
  end: number;
}

export interface NativePackResult {
  digest: string;
  size: number;
  diffId: string;
  diffSize: number;
  files: NativePackFile[];
}

/** The exports of native/addon. Every number that is negative is -errno. */
export interface Addon {
  ofdLock(fd: number, mode: 'shared' | 'exclusive' | 'unlock', wait: boolean): number;
  ofdLockWait(fd: number, mode: 'shared' | 'exclusive', done: (rc: number) => void): void;
  mount(source: string | null, target: string, type: string | null, flags: number, data: string | null): number;
  umount(target: string, flags: number): number;
  mountOverlay(
    target: string,
    lowers: string[],
    upper: string,
    work: string,
    options: string[],
    forceOld: boolean,
  ): number;
  isMountpoint(path: string): number;
  chownTree(root: string, uids: number[], gids: number[]): number;
  /** `done` gets 0 or the first error, when no thread is at work any more. */
  emptyFolder(path: string, threads: number, done: (rc: number) => void): void;
  warmCgroups(procs: string, milliseconds: number): number;
  coolCgroups(): number;
  createNetns(path: string): number;
  readInNetns(netns: string, path: string): string | number;
  writeInNetns(netns: string, path: string, content: string): number;
  removeNetns(path: string): number;
  mknod(path: string, mode: number, major: number, minor: number): number;
  syncfs(fd: number): number;
  openInRoot(root: string, path: string | Uint8Array, flags: number, mode: number): number;
  pipe(): [number, number] | number;
  socketPair(type: 'stream' | 'seqpacket'): [number, number] | number;
  read(fd: number, buffer: Uint8Array): number;
  write(fd: number, buffer: Uint8Array, offset: number): number;
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): number;
  wait(pid: number, block: boolean): number;
  connectSeqpacket(path: string): number;
  receive(fd: number, buffer: Uint8Array): number;
  send(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  shutdownWrite(fd: number): number;
  bindPort(ip: string, port: number, protocol: string): number;
  run(
    file: string,
    args: string[],
    env: string[] | null,
    cwd: string | null,
    netns: string | null,
    fds: number[],
    detached: boolean,
    input: Uint8Array | null,
    timeoutMs: number,
  ): NativeRunResult | number;
  launch(
    file: string,
    args: string[],
    env: string[] | null,
    cwd: string | null,
    netns: string | null,
    fds: number[],
    detached: boolean,
  ): number;
  watch(fd: number, ready: (events: number) => void): WatchHandle | number;
  watchEvents(handle: WatchHandle, events: number): number;
  watchClose(handle: WatchHandle): void;
  /** The terminal's modes as they were. */
  makeRaw(fd: number): Buffer | number;
  setModes(fd: number, modes: Uint8Array): number;
  /** Rows * 65536 + columns. */
  windowSize(fd: number): number;
  lgetxattr(path: string, name: string): Buffer | number;
  lsetxattr(path: string, name: string, value: Uint8Array): number;
  lremovexattr(path: string, name: string): number;
  llistxattr(path: string): string | number;
  /** CRC-64/ISO: `state` is eight bytes, zero at the start, the checksum (big endian) after the last call. */
  crc64(state: Uint8Array, data: Uint8Array): number;
  /** `notify(false)` when there is room again, `notify(true)` once, at the end. */
  unpackStart(options: NativeUnpackOptions, notify: (done: boolean) => void): UnpackHandle;
  /** -1 failed, 0 wait for a notification, 1 go on. */
  unpackWrite(handle: UnpackHandle, chunk: Uint8Array): number;
  unpackEnd(handle: UnpackHandle): void;
  unpackAbort(handle: UnpackHandle): void;
  unpackResult(handle: UnpackHandle): NativeUnpackResult | NativeUnpackFault;
  /** `notify` when `packRead` has something after it asked to wait, and once at the end. */
  packStart(options: NativePackOptions, notify: () => void): PackHandle;
  /** The next bytes; 0: wait for a notification, 1: the end. */
  packRead(handle: PackHandle): Buffer | number;
  packAbort(handle: PackHandle): void;
  packResult(handle: PackHandle): NativePackResult | NativeUnpackFault;
}

let loaded: Addon | undefined;

/** The addon, loaded at the first call. */
export function native(): Addon {
  loaded ??= load();
  return loaded;
}

/**
 * Returns a result that is not an error.
 * @throws an errno error as node:fs makes it, when `result` is a negative number
 */
export function check<T>(result: T, syscall: string, path?: string): T {
  if (typeof result === 'number' && result < 0) throw systemError(result, syscall, path);
  return result;
}

/** The error of one failed system call: `errno` is negative, as in Node. */
export function systemError(errno: number, syscall: string, path?: string): NodeJS.ErrnoException {
  const [code, text] = getSystemErrorMap().get(errno) ?? [`E${-errno}`, 'unknown error'];
  const subject = path === undefined ? '' : ` '${path}'`;
  const error: NodeJS.ErrnoException = new Error(`${code}: ${text}, ${syscall}${subject}`);
  return Object.assign(error, { errno, code, syscall }, path === undefined ? {} : { path });
}

function load(): Addon {
  const module = { exports: {} };
  process.dlopen(module, addonPath());
  return module.exports as Addon;
}

// src/system and dist/chunks lie two folders below the package, dist one.
function addonPath(): string {
  const near = `${import.meta.dirname}/../build/Release/addon.node`;
  return existsSync(near) ? near : `${import.meta.dirname}/../../build/Release/addon.node`;
}
