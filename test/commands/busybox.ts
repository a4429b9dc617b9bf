/** A root file system with nothing but busybox, for tests of commands that need a container but no image. */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

const applets = ['sh', 'sleep', 'true', 'false', 'cat', 'ip', 'ps', 'httpd', 'top', 'wget', 'echo', 'id', 'nc', 'yes'];

/** Makes it in `folder` and returns its path. */
export function busyboxRoot(folder: string): string {
  const root = `${folder}/busybox`;
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'www'])
    mkdirSync(`${root}/${name}`, { recursive: true });
  cpSync('/bin/busybox', `${root}/bin/busybox`);
  for (const name of applets) symlinkSync('busybox', `${root}/bin/${name}`);
  writeFileSync(`${root}/etc/passwd`, 'root:x:0:0:root:/:/bin/sh\nweb:x:33:33:web:/www:/bin/sh\n');
  writeFileSync(`${root}/etc/group`, 'root:x:0:\nwww-data:x:33:\n');
  writeFileSync(`${root}/www/index.html`, 'hello\n');
  return root;
}
