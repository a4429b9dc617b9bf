/** A layer of the driver `vfs` starts as a copy of its parent. */
import { chmodSync, mkdirSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { run } from '../system/spawn.ts';

/** Copies a layer's content, links, attributes, owners and all. A base layer starts empty. */
export function makeCopy(parent: string | null, target: string): void {
  if (parent === null) {
    mkdirSync(target);
    chmodSync(target, 0o555);
    return;
  }
  const { status, stderr } = run({ file: 'cp', args: ['-a', '--reflink=auto', '--', parent, target] });
  if (status === 0) return;
  const code = stderr.includes('No space left') ? 'NO_SPACE' : 'SYSTEM';
  throw new TspodError(code, `copying layer "${parent}": ${stderr.trim().split('\n')[0] ?? ''}`);
}
