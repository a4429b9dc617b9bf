/** Overlays by a program in user space, where the kernel or the file system has none: fuse-overlayfs. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { OverlayOptions } from '../system/mount.ts';
import { run } from '../system/spawn.ts';

const places = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/bin'];

/** Path of fuse-overlayfs, or '' when it is not installed. */
export function findMountProgram(): string {
  return places.map((folder) => `${folder}/fuse-overlayfs`).find((path) => existsSync(path)) ?? '';
}

/**
 * The program that a store was made with, or ''. All tools of the family keep that in a file: layers that were made
 * for such a program need not be what the kernel understands.
 */
export function rememberedProgram(home: string): string {
  const flag = `${home}/.has-mount-program`;
  return existsSync(flag) && readFileSync(flag, 'utf8') === 'true' ? findMountProgram() : '';
}

/** @throws SYSTEM with the words of the program */
export function mountByProgram(program: string, home: string, mount: OverlayOptions): void {
  const { target, lowers, upper, work, options = [] } = mount;
  const data = [
    `lowerdir=${lowers.join(':')}`,
    ...(upper && work ? [`upperdir=${upper}`, `workdir=${work}`] : []),
    ...options,
  ];
  const { status, stderr } = run({ file: program, args: ['-o', data.join(','), target] });
  if (status !== 0) throw new TspodError('SYSTEM', `using mount program ${program}: ${stderr.trim().split('\n')[0]}`);
  writeFileSync(`${home}/.has-mount-program`, 'true', { mode: 0o600 });
}
