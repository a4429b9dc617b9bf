import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import { containerLogs, type LogsRequest } from '../runtime/logs/container-logs.ts';
import { parseInputTime } from '../runtime/logs/timestamp.ts';
import { selectContainers } from '../runtime/select.ts';
import { selectFlags } from './select-flags.ts';

/** Of `pod logs` too. */
export const logFlags = {
  color: { type: 'boolean', describe: 'Output the containers with different colors in the log.' },
  details: { type: 'boolean', hidden: true, describe: 'Show extra details provided to the logs' },
  follow: { type: 'boolean', alias: 'f', describe: 'Follow log output.  The default is false' },
  names: { type: 'boolean', alias: 'n', describe: 'Output the container name in the log' },
  since: { type: 'string', describe: 'Show logs since TIMESTAMP' },
  tail: {
    type: 'number',
    default: -1,
    valueName: 'int',
    describe: 'Output the specified number of LINES at the end of the logs.  Defaults to -1, which prints all lines',
  },
  timestamps: { type: 'boolean', alias: 't', describe: 'Output the timestamps in the log' },
  until: { type: 'string', describe: 'Show logs until TIMESTAMP' },
} as const;

const flags = { ...logFlags, latest: selectFlags.latest } as const;

type LogsArgs = Args<typeof flags>;
type LogsRequestArgs = Args<typeof logFlags>;

export default defineCommand({
  usage: 'logs [options] CONTAINER [CONTAINER...]',
  describe: 'Fetch the logs of one or more containers',
  long: `Retrieves logs for one or more containers.

  This does not guarantee execution order when combined with podman run (i.e., your run may not have generated any logs at the time you execute podman logs).`,
  flags,
  operands: {},
  examples: [
    'logs ctrID',
    'logs --names ctrID1 ctrID2',
    'logs --tail 2 mywebserver',
    'logs --follow=true --since 10m ctrID',
    'logs mywebserver mydbserver',
  ],

  async handler(args, context) {
    check(args);
    const operands = args.operands.map((name) => name.replace(/^\//, ''));
    const selected = await selectContainers(context.engine, { operands, latest: args.latest });
    await printLogs(
      selected.map(({ container }) => container),
      args,
      context,
    );
  },
});

/** One after the other, or all as they come with --follow; lines say whose they are when there are several. */
export async function printLogs(containers: Container[], args: LogsRequestArgs, context: Context): Promise<void> {
  const request = requestOf(args);
  const several = containers.length > 1;
  const prints = containers.map((container, index) => ({
    ...request,
    container,
    ...(several ? { prefix: prefixOf(container, args.names) } : {}),
    ...(args.color ? { color: colorOf(index) } : {}),
  }));
  if (args.follow) await Promise.all(prints.map((each) => print(context, each)));
  else for (const each of prints) await print(context, each);
}

function check({ latest, operands }: LogsArgs): void {
  if (latest && operands.length > 0) {
    throw new TspodError('BAD_ARGUMENT', '--latest and containers cannot be used together');
  }
  if (!latest && operands.length < 1) {
    throw new TspodError('BAD_ARGUMENT', 'specify at least one container name or ID to log');
  }
}

function requestOf(args: LogsRequestArgs): LogsRequest {
  return {
    tail: args.tail,
    follow: args.follow,
    timestamps: args.timestamps,
    ...(args.since ? { since: timeOf('since', args.since, false) } : {}),
    ...(args.until ? { until: timeOf('until', args.until, true) } : {}),
  };
}

function timeOf(flag: string, text: string, ahead: boolean): bigint {
  try {
    return parseInputTime(text, ahead);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `parsing --${flag} ${JSON.stringify(text)}: ${error.message}`, { cause: error });
  }
}

function prefixOf({ config }: Container, named: boolean): string {
  return `${named ? config.name : config.id.slice(0, 12)} `;
}

/** Light gray, red, yellow, blue, magenta, cyan, green. */
function colorOf(index: number): string {
  return `\u001b[${[37, 31, 33, 34, 35, 36, 32][index % 7]}m`;
}

async function print(context: Context, request: LogsRequest & { container: Container }): Promise<void> {
  for await (const { stream, data } of containerLogs(context.engine, request.container, request)) {
    if (stream === 'stderr') context.stderr(data);
    else context.stdout(data);
  }
}
