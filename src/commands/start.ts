import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import type { Engine } from '../engine.ts';
import { TspodError } from '../errors.ts';
import { removeContainer } from '../runtime/remove.ts';
import { type Selected, selectContainers } from '../runtime/select.ts';
import { startContainer } from '../runtime/start.ts';
import { selectFlags } from './select-flags.ts';

const flags = {
  all: { type: 'boolean', describe: 'Start all containers regardless of their state or configuration' },
  attach: { type: 'boolean', alias: 'a', describe: "Attach container's STDOUT and STDERR" },
  'detach-keys': {
    type: 'string',
    describe:
      'Select the key sequence for detaching a container. Format is a single character `[a-Z]` or a comma separated sequence of `ctrl-<value>`, where `<value>` is one of: `a-z`, `@`, `^`, `[`, `\\`, `]`, `^` or `_`',
  },
  filter: selectFlags.filter,
  interactive: { type: 'boolean', alias: 'i', describe: 'Make STDIN available to the contained process' },
  latest: selectFlags.latest,
  'sig-proxy': {
    type: 'boolean',
    describe: 'Proxy received signals to the process (default true if attaching, false otherwise)',
  },
} as const;

type StartArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'start [options] CONTAINER [CONTAINER...]',
  describe: 'Start one or more containers',
  long: 'Starts one or more containers.  The container name or ID can be used.',
  flags,
  operands: {},
  examples: ['start 860a4b231279 5421ab43b45', 'start --interactive --attach imageID'],
  // A command that is not there is a failure of the engine here: only `run` answers with 127.
  exitCodes: { COMMAND_NOT_FOUND: 125, COMMAND_NOT_EXECUTABLE: 125 },

  async handler(args, context) {
    check(args);
    const { engine } = context;
    const selected = await selectContainers(engine, args);
    const only = selected[0];
    if (args.attach) return only ? startAttached(engine, only, args) : 0;
    let exitCode = 0;
    for (const each of selected) {
      if (!(await startOne(each, args, context))) exitCode = 125;
    }
    return exitCode;
  },
});

/** Starts in the background and prints; false after a failure. */
async function startOne({ container, input }: Selected, args: StartArgs, context: Context): Promise<boolean> {
  const { id } = container.config;
  try {
    const { wasRunning } = await startContainer(context.engine, id, { unlessRunning: true });
    // With --all only those that were started are listed.
    if (!wasRunning || !args.all) context.stdout(`${input}\n`);
    return true;
  } catch (error) {
    context.stderr(errorText(unable(`"${id}"`, error)));
    return false;
  }
}

async function startAttached(engine: Engine, { container }: Selected, args: StartArgs): Promise<number> {
  const { id } = container.config;
  try {
    const { exitCode } = await startContainer(engine, id, {
      attach: {
        stdin: args.interactive,
        stdout: true,
        stderr: true,
        detachKeys: args.detachKeys ?? engine.conf.engine.detachKeys,
        sigProxy: args.given.has('sig-proxy') ? args.sigProxy : true,
      },
    });
    return (await exitCode) ?? 0;
  } catch (error) {
    if (container.config.autoRemove) await removeContainer(engine, id);
    throw unable(id, error);
  }
}

function unable(id: string, error: unknown): unknown {
  if (!(error instanceof TspodError)) return error;
  const options = { cause: error, exitCode: 125 };
  return new TspodError(error.code, `unable to start container ${id}: ${error.message}`, options);
}

function check(args: StartArgs): void {
  const { operands, all, latest, attach, filter } = args;
  const rules: [boolean, string][] = [
    [operands.length === 0 && !latest && !all && filter.length === 0, 'start requires at least one argument'],
    [all && latest, '--all and --latest cannot be used together'],
    [operands.length > 0 && latest, '--latest and containers cannot be used together'],
    [operands.length > 1 && attach, 'you cannot start and attach multiple containers at once'],
    [
      (operands.length > 0 || latest) && all,
      'either start all containers or the container(s) provided in the arguments',
    ],
    [attach && all, 'you cannot start and attach all containers at once'],
    [args.sigProxy && !attach, 'you cannot use sig-proxy without --attach: invalid argument'],
  ];
  const broken = rules.find(([wrong]) => wrong);
  if (broken) throw new TspodError('BAD_ARGUMENT', broken[1]);
}
