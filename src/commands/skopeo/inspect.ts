import { inspectFlags } from '../transfer/flags.ts';
import { runInspect } from '../transfer/inspect.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'inspect [command options] IMAGE-NAME',
  describe: 'Tell about an image without copying it',
  flags: inspectFlags,
  operands: { min: 1, max: 1 },
  example: 'inspect docker://registry.fedoraproject.org/fedora',
  handler: runInspect,
});
