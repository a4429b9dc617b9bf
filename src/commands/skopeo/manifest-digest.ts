import { readFileSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';
import { digestOf } from '../../registry/manifest.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'manifest-digest MANIFEST-FILE',
  describe: 'Compute the digest of a manifest in a file',
  flags: {},
  operands: { min: 1, max: 1 },
  example: 'manifest-digest manifest.json',
  handler({ operands: [path = ''] }, context) {
    context.stdout(`${digestOf(read(path))}\n`);
  },
});

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TspodError('BAD_ARGUMENT', `error reading manifest from ${path}: ${messageOf(cause)}`, { cause });
  }
}
