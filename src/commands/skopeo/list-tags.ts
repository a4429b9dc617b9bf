import { remoteFlags } from '../transfer/flags.ts';
import { runTags } from '../transfer/tags.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'list-tags [command options] SOURCE-IMAGE',
  describe: 'List the tags of a repository or of an archive',
  flags: remoteFlags,
  operands: { min: 1, max: 1 },
  example: 'list-tags docker://docker.io/fedora',
  handler: runTags,
});
