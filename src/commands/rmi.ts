import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { hasCode, messageOf, TspodError } from '../errors.ts';
import { Family } from '../image/family.ts';
import { type RemoveReport, removeImages, removeRecords } from '../image/remove.ts';
import { removeContainersOf } from './remove-users.ts';

const flags = defineFlags({
  all: { type: 'boolean', alias: 'a', describe: 'Remove every image' },
  force: { type: 'boolean', alias: 'f', describe: 'Remove also what containers use, and those containers' },
  ignore: { type: 'boolean', alias: 'i', describe: 'A missing image is no error' },
  'no-prune': { type: 'boolean', describe: 'Keep nameless images that the removed ones were built on' },
});

export default defineCommand({
  usage: 'rmi [options] IMAGE [IMAGE...]',
  describe: 'Remove one or more images from local storage',
  long: 'Takes names from images, and removes images that have no other name.',
  flags,
  operands: { complete: 'images' },
  examples: ['rmi imageID', 'rmi --force alpine', 'rmi c4dfb1609ee2 93fd78260bd1 c0ed59d05ff7'],
  async handler(args, context) {
    checkOperands(args);
    const report = await remove(args, context);
    for (const name of report.untagged) context.stdout(`Untagged: ${name}\n`);
    for (const id of report.deleted) context.stdout(`Deleted: ${id}\n`);
    const failure = joinErrors(report.errors);
    if (failure) throw failure;
  },
});

async function remove(
  { operands, all, force, ignore, noPrune }: Args<typeof flags>,
  context: Context,
): Promise<RemoveReport> {
  const { engine } = context;
  const removeContainers = (imageId: string) => removeContainersOf(engine, imageId);
  const options = { force, ignore: ignore || force, noPrune, removeContainers };
  if (!all) return removeImages(engine, operands, options);
  const images = engine.store.images().filter((image) => !engine.store.isReadOnly(image));
  const family = new Family(engine.store);
  // Children first, so that every image is deleted and reported once.
  const ordered = images.sort((a, b) => Number(family.hasChildren(a)) - Number(family.hasChildren(b)));
  return removeRecords(engine, ordered, options);
}

function checkOperands({ operands, all }: Args<typeof flags>): void {
  if (operands.length === 0 && !all) throw new TspodError('BAD_ARGUMENT', 'image name or ID must be specified');
  if (operands.length > 0 && all) {
    throw new TspodError('BAD_ARGUMENT', 'when using the --all switch, you may not pass any images names or IDs');
  }
}

/** One error with Podman's exit code: 2 when an image is used, 1 when all are missing, else 125. */
export function joinErrors(errors: readonly unknown[]): unknown {
  const bug = errors.find((error) => !(error instanceof TspodError));
  const [first] = errors;
  if (bug || first === undefined) return bug;
  const used = errors.some((error) => hasCode(error, 'IMAGE_IN_USE') && error.exitCode === undefined);
  const missing = errors.every((error) => hasCode(error, 'NO_SUCH_IMAGE'));
  const message =
    errors.length === 1
      ? messageOf(first)
      : `${errors.length} errors occurred:\n${errors.map((error) => `\t* ${messageOf(error)}\n`).join('')}\n`;
  return new TspodError('SYSTEM', message, { exitCode: used ? 2 : missing ? 1 : 125 });
}
