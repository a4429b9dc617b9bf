/** The files passwd(5) and group(5). Broken lines are passed over, as libc does. */
export interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

export interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

export function parsePasswd(text: string): PasswdEntry[] {
  return linesOf(text).flatMap((line) => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':');
    return isId(uid) && isId(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [];
  });
}

export function parseGroup(text: string): GroupEntry[] {
  return linesOf(text).flatMap((line) => {
    const [name = '', , gid = '', members = ''] = line.split(':');
    return isId(gid) ? [{ name, gid: Number(gid), members: members.split(',').filter(Boolean) }] : [];
  });
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 31;
}
