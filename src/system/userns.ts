import { readFileSync } from 'node:fs';

let answer: boolean | undefined;

/** True if this process does not see all user ids of the host: it is root, if at all, only in a user namespace. */
export function inUserNamespace(): boolean {
  answer ??= !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'));
  return answer;
}
