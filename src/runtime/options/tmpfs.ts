import { checkMountOptions } from '../spec/mount-options.ts';
import { checkDestination, type MountRequest } from './mount-set.ts';

/** --tmpfs PATH[:OPTIONS] */
export function parseTmpfs(text: string): MountRequest {
  const [path = '', options] = text.split(':');
  const list = options === undefined ? [] : options.split(',');
  checkMountOptions(list, 'tmpfs');
  const destination = checkDestination(path);
  return { kind: 'mount', mount: { type: 'tmpfs', source: 'tmpfs', destination, options: list } };
}
