/** Mounts. All errors are errno errors, as node:fs makes them. */
import { check, native } from './native.ts';
import { inUserNamespace } from './userns.ts';

const flagBits = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  remount: 0x20,
  noatime: 0x400,
  bind: 0x1000,
  rec: 0x4000,
  private: 0x40000,
  rprivate: 0x44000,
  slave: 0x80000,
  rslave: 0x84000,
  shared: 0x100000,
  rshared: 0x104000,
  relatime: 0x200000,
} as const;

export type MountFlag = keyof typeof flagBits;

export interface MountOptions {
  source?: string;
  target: string;
  type?: string;
  flags?: readonly MountFlag[];
  data?: string;
}

/** mount(2). */
export function mount({ source, target, type, flags = [], data }: MountOptions): void {
  const bits = flags.reduce((sum, flag) => sum | flagBits[flag], 0);
  check(native().mount(source ?? null, target, type ?? null, bits, data ?? null), 'mount', target);
}

/** umount(2). `detach` hides the mount at once, whoever still uses it. Never follows a link at the end. */
export function unmount(target: string, { detach = false }: { detach?: boolean } = {}): void {
  check(native().umount(target, 8 /* UMOUNT_NOFOLLOW */ | (detach ? 2 : 0)), 'umount', target);
}

/** True if the path is the root of a mount. */
export function isMountpoint(path: string): boolean {
  const rc = native().isMountpoint(path);
  return rc === -2 /* ENOENT */ ? false : check(rc, 'statx', path) === 1;
}

export interface OverlayOptions {
  target: string;
  /** Absolute paths, the top one first; at most 500. */
  lowers: readonly string[];
  /** With `work`: makes the mount writable. */
  upper?: string;
  work?: string;
  /** Of overlayfs (`metacopy=on`, `userxattr`, `volatile`) and of the mount (`nodev`, `ro`). */
  options?: readonly string[];
}

/**
 * Mounts an overlay. Kernels before 6.8 get the lower folders as numbers of open folders. In a user namespace whiteouts
 * and opaque folders are marked by attributes that users may set.
 */
export function mountOverlay({ target, lowers, upper = '', work = '', options = [] }: OverlayOptions): void {
  const all = inUserNamespace() ? [...options, 'userxattr'] : [...options];
  check(native().mountOverlay(target, [...lowers], upper, work, all, false), 'mount', target);
}
