import { type Args, defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { type PullPolicy, pullImage } from '../image/pull.ts';
import { pullAllTags } from '../image/pull-all-tags.ts';
import { pullArchive } from '../image/pull-archive.ts';
import { chooseName } from './choose-name.ts';
import { copyProgress } from './copy-progress.ts';
import { forEachOperand } from './each.ts';
import { platformFlags, platformOf, registryFlags, remoteOptions, retryFlags } from './registry-flags.ts';

const flags = defineFlags({
  ...registryFlags,
  ...retryFlags,
  ...platformFlags,
  'all-tags': { type: 'boolean', alias: 'a', describe: 'Pull every tag of the repository' },
  'decryption-key': {
    type: 'list',
    describe: 'Key that decrypts the image',
    unsupported: 'encrypted images are not supported',
  },
  'disable-content-trust': { type: 'boolean', describe: 'Does nothing; for the sake of Docker' },
  policy: { type: 'string', default: 'always', describe: 'When to pull ("always"|"missing"|"never"|"newer")' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing but the ids of the images' },
  'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
});

export default defineCommand({
  usage: 'pull [options] IMAGE [IMAGE...]',
  describe: 'Pull an image from a registry',
  long: 'Pulls images from a registry, an archive or a folder, and prints their ids.',
  flags,
  operands: { min: 1, complete: 'images' },
  examples: ['pull imageName', 'pull fedora:latest'],
  async handler(args, context) {
    const options = pullOptions(args);
    return forEachOperand(args.operands, context, async (name) => {
      const progress = copyProgress(context, args.quiet);
      try {
        const pull = { ...options, chooseName: chooseName(context), onProgress: progress.onProgress };
        const archived = await pullArchive(context.engine, name, pull);
        if (archived) return archived.join('\n');
        if (args.allTags) return (await pullAllTags(context.engine, name, pull)).join('\n');
        return (await pullImage(context.engine, name, pull)).record.id;
      } finally {
        progress.end();
      }
    });
  },
});

function pullOptions(args: Args<typeof flags>) {
  return { ...remoteOptions(args), policy: pullPolicy(args.policy), platform: platformOf(args) };
}

/** @throws TspodError BAD_ARGUMENT in Podman's words */
export function pullPolicy(text: string): PullPolicy {
  const policies: Record<string, PullPolicy> = {
    always: 'always',
    Always: 'always',
    true: 'always',
    missing: 'missing',
    ifnotpresent: 'missing',
    IfNotPresent: 'missing',
    '': 'missing',
    newer: 'newer',
    ifnewer: 'newer',
    never: 'never',
    Never: 'never',
    false: 'never',
  };
  const policy = policies[text];
  if (!policy) throw new TspodError('BAD_ARGUMENT', `unsupported pull policy "${text}"`);
  return policy;
}
