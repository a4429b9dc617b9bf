import { defineCommand } from '../cli/command.ts';
import { addImage } from '../image/manifest-list/add-instances.ts';
import { parseAnnotations } from '../image/manifest-list/annotate.ts';
import { createList, updateList } from '../image/manifest-list/list.ts';
import { insecureFlags, insecureOptions } from './manifest-flags.ts';

export default defineCommand({
  usage: 'create [options] LIST [IMAGE...]',
  describe: 'Create manifest list or image index',
  long: 'Creates a list of images, one for each platform, in the store.',
  flags: {
    all: { type: 'boolean', describe: 'Add all images of the lists that are added' },
    amend: { type: 'boolean', alias: 'a', describe: 'Change the list of this name if there is one' },
    annotation: { type: 'list', describe: 'Annotation of the list (KEY=VALUE)', complete: 'none' },
    ...insecureFlags,
  },
  operands: { min: 1, complete: 'images' },
  examples: ['manifest create mylist:v1.11', 'manifest create mylist:v1.11 image-for-arm image-for-amd'],
  async handler(args, context) {
    const [name = '', ...images] = args.operands;
    const annotations = parseAnnotations(args.annotation);
    const options = { ...insecureOptions(args), all: args.all };
    const id = await createList(context.engine, name, args.amend);
    if (images.length > 0 || args.annotation.length > 0) {
      await updateList(context.engine, id, async (list) => {
        if (args.annotation.length > 0) list.index.annotations = { ...list.index.annotations, ...annotations };
        for (const image of images) await addImage(context.engine, list, image, options);
      });
    }
    context.stdout(`${id}\n`);
  },
});
