import { type Args, defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { annotateMember, findMember, parseAnnotations, subjectOf } from '../image/manifest-list/annotate.ts';
import { updateList } from '../image/manifest-list/list.ts';
import { memberChanges, memberFlags } from './manifest-flags.ts';

const flags = defineFlags({
  ...memberFlags,
  index: { type: 'boolean', describe: 'The annotations are those of the list itself' },
  'os-features': { type: 'csv', describe: 'Features of the operating system', complete: 'none' },
  subject: { type: 'string', describe: 'Image that the list is about', complete: 'none' },
});

type AnnotateArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'annotate [options] LIST IMAGEORARTIFACT',
  describe: 'Add or update information about an entry in a manifest list or image index',
  long: 'Changes what a manifest list says of one of its images, or of itself.',
  flags,
  operands: { min: 1, max: 2, complete: 'images' },
  examples: ['manifest annotate --annotation left=right mylist:v1.11 sha256:15352d97781ffdf3'],
  async handler(args, { engine, stdout }) {
    const [name = '', member] = args.operands;
    const annotations = parseAnnotations(args.annotation);
    check(args, member);
    const id = await updateList(engine, name, async (list) => {
      if (member === undefined) {
        if (args.annotation.length > 0) list.index.annotations = { ...list.index.annotations, ...annotations };
        if (args.subject) list.index.subject = await subjectOf(engine, args.subject);
        return;
      }
      const { osFeatures } = args;
      annotateMember(list, await findMember(engine, list, member), { ...memberChanges(args), osFeatures, annotations });
    });
    stdout(`${id}\n`);
  },
});

/** @throws TspodError BAD_ARGUMENT in Podman's words */
function check({ operands, index, subject, given }: AnnotateArgs, member: string | undefined): void {
  const [name = ''] = operands;
  if (name === '') throw bad(`invalid image name "${name}"`);
  if (member === undefined && !index) throw bad('expected an instance digest, image name, or artifact name');
  if (member !== undefined && index) {
    throw bad(`did not expect image or artifact name "${member}" when modifying the entire index`);
  }
  if (member === '') throw bad('invalid instance digest, image name, or artifact name ""');
  if (member !== undefined && subject) throw bad('setting subject for a manifest list requires no instance digest');
  const words: [flag: string, word: string][] = [
    ['arch', 'architecture'],
    ['features', 'features'],
    ['os', 'OS'],
    ['os-features', 'OS features'],
    ['os-version', 'OS version'],
    ['variant', 'variant'],
  ];
  const used = member === undefined ? words.find(([flag]) => given.has(flag)) : undefined;
  if (used) throw bad(`setting ${used[1]} on an item in a manifest list requires an instance digest`);
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
