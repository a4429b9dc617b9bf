import { syncFlags } from '../transfer/flags.ts';
import { runSync } from '../transfer/sync.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'sync [command options] --src TRANSPORT --dest TRANSPORT SOURCE DESTINATION',
  describe: 'Copy many images from one place to another',
  flags: syncFlags,
  operands: { min: 2, max: 2 },
  example: 'sync --src docker --dest dir --scoped registry.example.com/busybox /media/usb',
  handler: runSync,
});
