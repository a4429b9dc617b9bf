import { defineCommand } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import { TspodError } from '../errors.ts';
import { selectContainers } from '../runtime/select.ts';
import { parseDuration } from '../runtime/until.ts';
import { waitContainer } from '../runtime/wait.ts';
import { selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'wait [options] CONTAINER [CONTAINER...]',
  describe: 'Block on one or more containers',
  long: 'Block until one or more containers stop and then print their exit codes.',
  flags: {
    condition: { type: 'csv', describe: 'Condition to wait on', valueName: 'strings' },
    'exit-first-match': {
      type: 'boolean',
      describe: 'Wait for exit of first container which matches conditions, ignore other ones',
    },
    ignore: { type: 'boolean', describe: 'Ignore if a container does not exist' },
    interval: {
      type: 'string',
      alias: 'i',
      default: '250ms',
      describe: 'Time Interval to wait before polling for completion',
    },
    latest: selectFlags.latest,
  },
  operands: {},
  examples: ['wait --interval 5s ctrID', 'wait ctrID1 ctrID2'],

  async handler(args, context) {
    const interval = parseDuration(args.interval) ?? parseDuration(`${args.interval}ms`);
    if (interval === null) throw new TspodError('BAD_ARGUMENT', `time: invalid duration "${args.interval}"`);
    if (!args.latest && args.operands.length === 0) {
      const command = `${context.program} ${context.path}`;
      throw new TspodError('BAD_ARGUMENT', `"${command}" requires a name, id, or the "--latest" flag`);
    }
    if (args.latest && args.operands.length > 0) {
      throw new TspodError('BAD_ARGUMENT', '--latest and containers cannot be used together');
    }
    const missing: string[] = [];
    const onMissing = args.ignore ? (name: string) => void missing.push(name) : undefined;
    const selected = await selectContainers(context.engine, { ...args, ...(onMissing ? { onMissing } : {}) });
    const options = { conditions: args.condition, interval };
    const waits = selected.map(({ container }) => waitContainer(context.engine, container.config.id, options));
    if (args.exitFirstMatch) return void context.stdout(`${await Promise.race(waits)}\n`);
    let exitCode = 0;
    for (const name of args.latest ? [''] : args.operands) {
      const at = selected.findIndex(({ input }) => args.latest || input === name.replace(/^\//, ''));
      try {
        context.stdout(`${at < 0 ? -1 : await waits[at]}\n`);
      } catch (error) {
        context.stderr(errorText(error));
        exitCode = 125;
      }
    }
    return exitCode;
  },
});
