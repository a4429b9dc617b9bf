import { runDelete } from '../transfer/delete.ts';
import { placeFlags } from '../transfer/flags.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'delete [command options] IMAGE-NAME',
  describe: 'Delete an image where it is',
  flags: placeFlags,
  operands: { min: 1, max: 1 },
  example: 'delete docker://registry.example.com/example/pause:latest',
  handler: runDelete,
});
