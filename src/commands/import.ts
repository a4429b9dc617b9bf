import { existsSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { spoolInput } from '../image/archive/spool.ts';
import { importTarball } from '../image/import.ts';
import { download } from '../image/load-url.ts';
import { copyProgress } from './copy-progress.ts';

export default defineCommand({
  usage: 'import [options] PATH [REFERENCE]',
  describe: 'Import a tarball to create a filesystem image',
  long: 'Makes an image with one layer of a tarball: a file, a URL, or standard input (-).',
  flags: {
    arch: { type: 'string', describe: 'Architecture of the image', complete: 'none' },
    change: {
      type: 'list',
      alias: 'c',
      describe: 'Instruction of a Dockerfile to apply to the image',
      complete: 'none',
    },
    message: { type: 'string', alias: 'm', describe: 'Comment of the image', complete: 'none' },
    os: { type: 'string', describe: 'Operating system of the image', complete: 'none' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print only the id' },
    'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
    variant: { type: 'string', describe: 'Variant of the architecture', complete: 'none' },
  },
  operands: { complete: 'files' },
  examples: [
    'import https://example.com/ctr.tar url-image',
    'cat ctr.tar | podman import --message "importing the ctr.tar tarball" - image-imported',
  ],
  async handler({ operands, change, message, os, arch, variant, quiet }, context) {
    const [source, reference] = checked(operands);
    const file = await open(source, (text) => context.stdout(text));
    const progress = copyProgress(context, quiet);
    try {
      const options = { changes: change, message, os, arch, variant, reference, onProgress: progress.onProgress };
      const id = await importTarball(context.engine, file.path, options);
      progress.end();
      context.stdout(`sha256:${id}\n`);
    } finally {
      progress.end();
      file.remove();
    }
  },
});

function checked(operands: string[]): [source: string, reference: string | undefined] {
  const [source, reference] = operands;
  if (source === undefined)
    throw bad("need to give the path to the tarball, or must specify a tarball of '-' for stdin");
  if (operands.length > 2) throw bad('too many arguments. Usage TARBALL [REFERENCE]');
  return [source, reference];
}

async function open(source: string, say: (text: string) => void): Promise<{ path: string; remove(): void }> {
  if (source === '-') return spoolInput();
  if (/^https?:\/\//.test(source)) {
    say(`Downloading from "${source}"\n`);
    return download(source);
  }
  if (!existsSync(source)) throw bad(`error opening "${source}": open ${source}: no such file or directory`);
  return { path: source, remove: () => {} };
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
