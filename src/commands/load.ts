import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { loadArchive } from '../image/load.ts';
import { loadUrl } from '../image/load-url.ts';
import { copyProgress } from './copy-progress.ts';

export default defineCommand({
  usage: 'load [options]',
  describe: 'Load image(s) from a tar archive',
  long: 'Loads the images of an archive, of a folder or of standard input into the store.',
  flags: {
    input: {
      type: 'string',
      alias: 'i',
      describe: 'File or folder to read (default: standard input)',
      complete: 'files',
    },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print only what was loaded' },
    'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
  },
  examples: ['load --input image.tar', 'load < image.tar.gz'],
  async handler({ input, quiet, signaturePolicy }, context) {
    if (!input && context.stdinIsTerminal) {
      throw new TspodError(
        'BAD_ARGUMENT',
        'cannot read from terminal, use command-line redirection or the --input flag',
      );
    }
    const progress = copyProgress(context, quiet);
    try {
      const options = { onProgress: progress.onProgress, policyFile: signaturePolicy };
      const isUrl = /^https?:\/\//.test(input ?? '');
      const images = isUrl
        ? await loadUrl(context.engine, input ?? '', options)
        : await loadArchive(context.engine, input || null, options);
      progress.end();
      for (const name of images.flatMap(({ names }) => names)) context.stdout(`Loaded image: ${name}\n`);
    } finally {
      progress.end();
    }
  },
});
