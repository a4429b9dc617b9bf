import { closeSync, constants, lchownSync, symlinkSync } from 'node:fs';
import { hasErrno } from '../../errors.ts';
import { openInRoot } from '../../system/safe-path.ts';

/** mount(8) and df(1) of old images read /etc/mtab: an image without one gets a link to the kernel's table. */
export function ensureMtab(rootfs: string, { uid, gid } = { uid: 0, gid: 0 }): void {
  try {
    const etc = openInRoot(rootfs, 'etc', constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      symlinkSync('/proc/mounts', `/proc/self/fd/${etc}/mtab`);
      if (uid !== 0 || gid !== 0) lchownSync(`/proc/self/fd/${etc}/mtab`, uid, gid);
    } finally {
      closeSync(etc);
    }
  } catch (error) {
    if (!hasErrno(error, 'EEXIST', 'ENOENT', 'ENOTDIR', 'EROFS', 'ELOOP')) throw error;
  }
}
