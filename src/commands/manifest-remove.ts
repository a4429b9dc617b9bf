import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { removeMember } from '../image/manifest-list/annotate.ts';
import { updateList } from '../image/manifest-list/list.ts';
import { isDigest } from '../oci/digest.ts';

export default defineCommand({
  usage: 'remove LIST DIGEST',
  describe: 'Remove an item from a manifest list or image index',
  long: 'Takes an image out of a manifest list.',
  flags: {},
  operands: { min: 2, max: 2, complete: 'images' },
  examples: ['manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736'],
  async handler({ operands: [name = '', digest = ''] }, context) {
    try {
      context.stdout(`${await remove(context.engine, name, digest)}\n`);
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
      throw new TspodError(error.code, `removing from manifest list ${name}: ${error.message}`, { cause: error });
    }
  },
});

function remove(engine: Parameters<typeof updateList>[0], name: string, digest: string): Promise<string> {
  if (!isDigest(digest)) {
    const reason = /^sha256:[0-9a-f]*$/.test(digest)
      ? 'invalid checksum digest length'
      : 'invalid checksum digest format';
    throw new TspodError('BAD_ARGUMENT', `invalid image digest "${digest}": ${reason}`);
  }
  return updateList(engine, name, (list) => removeMember(list, digest));
}
