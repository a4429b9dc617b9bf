import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { requireList } from '../image/manifest-list/list.ts';
import { removeImages } from '../image/remove.ts';
import { joinErrors } from './rmi.ts';

export default defineCommand({
  usage: 'rm [options] LIST [LIST...]',
  describe: 'Remove manifest list or image index from local storage',
  long: 'Removes manifest lists from the store; the images of a list stay.',
  flags: { ignore: { type: 'boolean', alias: 'i', describe: 'A missing list is no error' } },
  operands: { min: 1, complete: 'images' },
  examples: ['manifest rm mylist:v1.11'],
  async handler({ operands, ignore }, context) {
    const errors: unknown[] = [];
    const lists = operands.filter((name) => {
      try {
        return requireList(context.engine, name);
      } catch (error) {
        if (!ignore || !hasCode(error, 'NO_SUCH_IMAGE')) errors.push(error);
        return false;
      }
    });
    const report = await removeImages(context.engine, lists, { ignore });
    for (const name of report.untagged) context.stdout(`Untagged: ${name}\n`);
    for (const id of report.deleted) context.stdout(`Deleted: ${id}\n`);
    const failure = joinErrors([...errors, ...report.errors]);
    if (failure) throw failure;
  },
});
