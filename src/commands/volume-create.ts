import { defineCommand } from '../cli/command.ts';
import { hasCode, TspodError } from '../errors.ts';
import { volumeEvent } from '../runtime/events.ts';

export default defineCommand({
  usage: 'create [options] [NAME]',
  describe: 'Create a new volume',
  long: 'If using the default driver, "local", the volume will be created on the host in the volumes directory under container storage.',
  flags: {
    driver: { type: 'string', alias: 'd', default: 'local', describe: 'Specify volume driver name' },
    gid: { type: 'number', describe: 'Set the GID of the volume owner', valueName: 'int' },
    ignore: { type: 'boolean', describe: "Don't fail if volume already exists" },
    label: { type: 'list', alias: 'l', describe: 'Set metadata for a volume (default [])', valueName: 'stringArray' },
    opt: { type: 'list', alias: 'o', describe: 'Set driver specific options (default [])', valueName: 'stringArray' },
    uid: { type: 'number', describe: 'Set the UID of the volume owner', valueName: 'int' },
  },
  operands: { max: 1 },
  examples: [
    'volume create myvol',
    'volume create',
    'volume create --label foo=bar myvol',
    'volume create --opt device=tmpfs --opt type=tmpfs --opt o=uid=1000,gid=1000 testvol',
  ],

  handler(args, context) {
    if (args.driver !== 'local') {
      throw new TspodError('UNSUPPORTED', `volume driver "${args.driver}" is not supported by tspod`);
    }
    const [name = ''] = args.operands;
    const request = {
      labels: pairs(args.label),
      options: pairs(args.opt),
      ...(args.uid === undefined ? {} : { uid: args.uid }),
      ...(args.gid === undefined ? {} : { gid: args.gid }),
    };
    try {
      const volume = context.engine.store.createVolume(name, request);
      volumeEvent(context.engine, 'create', volume.name);
      context.stdout(`${volume.name}\n`);
    } catch (error) {
      if (!args.ignore || !hasCode(error, 'NAME_IN_USE')) throw error;
      context.stdout(`${name}\n`);
    }
  },
});

/** `KEY=VALUE`; a key alone has an empty value. */
function pairs(list: readonly string[]): Record<string, string> {
  const split = (text: string): [string, string] => {
    const at = text.indexOf('=');
    return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  };
  return Object.fromEntries(list.map(split));
}
