import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { attachContainer } from '../runtime/attach.ts';
import { selectContainers } from '../runtime/select.ts';
import { selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'attach [options] CONTAINER',
  describe: 'Attach to a running container',
  long: "The podman attach command allows you to attach to a running container using the container's ID or name, either to view its ongoing output or to control it interactively.",
  flags: {
    'detach-keys': {
      type: 'string',
      describe:
        'Select the key sequence for detaching a container. Format is a single character `[a-Z]` or a comma separated sequence of `ctrl-<value>`, where `<value>` is one of: `a-z`, `@`, `^`, `[`, `\\`, `]`, `^` or `_`',
    },
    latest: selectFlags.latest,
    'no-stdin': { type: 'boolean', describe: 'Do not attach STDIN. The default is false' },
    'sig-proxy': { type: 'boolean', default: true, describe: 'Proxy received signals to the process' },
  },
  operands: {},
  examples: ['attach ctrID', 'attach 1234', 'attach --no-stdin foobar'],

  async handler(args, context) {
    const name = `${context.program} ${context.path}`;
    if (args.operands.length > 1) throw new TspodError('BAD_ARGUMENT', `\`${name}\` accepts at most one argument`);
    if (args.operands.length === 0 && !args.latest) {
      throw new TspodError('BAD_ARGUMENT', `"${name}" requires a name, id, or the "--latest" flag`);
    }
    if (args.operands.length > 0 && args.latest) {
      throw new TspodError('BAD_ARGUMENT', '--latest and containers cannot be used together');
    }
    const { engine } = context;
    const [only] = await selectContainers(engine, { operands: args.operands, latest: args.latest });
    if (!only) throw new TspodError('NO_SUCH_CONTAINER', 'no such container');
    await attachContainer(engine, only.container.config.id, {
      stdin: !args.noStdin,
      stdout: true,
      stderr: true,
      detachKeys: args.detachKeys ?? engine.conf.engine.detachKeys,
      sigProxy: args.sigProxy,
    });
    context.stdout('\n');
  },
});
