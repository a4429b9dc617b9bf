import { defineCommand } from '../cli/command.ts';
import { alignColumns } from '../cli/tabwriter.ts';
import { TspodError } from '../errors.ts';
import { latestContainer } from '../runtime/select.ts';
import { topContainer } from '../runtime/top.ts';
import { descriptorNames } from '../runtime/top-descriptors.ts';

export default defineCommand({
  usage: 'top [options] CONTAINER [FORMAT-DESCRIPTORS|ARGS...]',
  describe: 'Display the running processes of a container',
  long: `Display the running processes of a container.

  The top command extends the ps(1) compatible AIX descriptors with container-specific ones as shown below.  In the presence of ps(1) specific flags (e.g, -eo), Podman will execute ps(1) inside the container.

  Format Descriptors:
    ${descriptorNames().join(',')}`,
  flags: {
    'list-descriptors': { type: 'boolean', hidden: true, describe: '' },
    latest: {
      type: 'boolean',
      alias: 'l',
      describe: 'Act on the latest container podman is aware of\nNot supported with the "--remote" flag',
    },
  },
  operands: { complete: 'running' },
  passthrough: true,
  examples: ['top ctrID', 'top ctrID pid seccomp args %C', 'top ctrID -eo user,pid,comm'],

  async handler({ listDescriptors, latest, operands }, { engine, stdout }) {
    if (listDescriptors) return stdout(`${descriptorNames().join('\n')}\n`);
    const [first, ...rest] = operands;
    if (first === undefined && !latest) {
      throw new TspodError('BAD_ARGUMENT', 'you must provide the name or id of a running container');
    }
    const name = latest ? latestContainer(engine).config.id : (first ?? '').replace(/^\//, '');
    const lines = await topContainer(engine, name, latest ? operands : rest);
    stdout(alignColumns(`${lines.join('\n')}\n`));
  },
});
