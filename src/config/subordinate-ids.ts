/** /etc/subuid and /etc/subgid: ids of the host that a user may give to containers (subuid(5)). */
import { readFileSync } from 'node:fs';
import { hasErrno } from '../errors.ts';

export interface SubordinateRange {
  first: number;
  count: number;
}

/** The ranges of a user, by name or number; lines that make no sense are passed over. */
export function subordinateRanges(kind: 'uid' | 'gid', owner: string): SubordinateRange[] {
  return readOptional(`/etc/sub${kind}`)
    .split('\n')
    .flatMap((line) => {
      const [name, first = '', count = ''] = line.trim().split(':');
      if (name !== owner || !/^\d+$/.test(first) || !/^\d+$/.test(count)) return [];
      return [{ first: Number(first), count: Number(count) }];
    });
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
}
