import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { TspodError } from '../errors.ts';
import { podMembers } from '../runtime/pod/members.ts';
import { allPods } from '../runtime/pod/pods.ts';
import { type ContainerStats, measure } from '../runtime/stats.ts';
import { podFlags, selectPods } from './pod-select.ts';
import { StatsRow } from './stats.ts';

const flags = {
  all: { type: 'boolean', alias: 'a', describe: 'Provide stats for all pods' },
  format: { type: 'string', describe: 'Pretty-print container statistics to JSON or using a Go template' },
  latest: podFlags.latest,
  'no-reset': { type: 'boolean', describe: 'Disable resetting the screen when streaming' },
  'no-stream': { type: 'boolean', describe: 'Disable streaming stats and only pull the first result' },
} as const;

type StatsArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'stats [options] [POD...]',
  describe: 'Display a live stream of resource usage statistics for the containers in one or more pods',
  long: 'Display the containers’ resource-usage statistics of one or more running pod',
  flags,
  operands: {},
  examples: ['pod stats', 'pod stats a69b23034235 named-pod', 'pod stats --latest', 'pod stats --all'],

  async handler(args, context) {
    const chosen = [args.all, args.latest, args.operands.length > 0].filter(Boolean).length;
    if (chosen > 1) throw new TspodError('BAD_ARGUMENT', '--all, --latest and arguments cannot be used together');
    let previous = new Map<string, ContainerStats>();
    for (;;) {
      const measured = await measurePods(args, context, previous);
      previous = new Map(measured.map(({ stats }) => [stats.ContainerID, stats]));
      context.stdout(
        render(
          measured.map(({ pod, stats }) => fieldsOf(pod, stats)),
          args,
        ),
      );
      if (args.noStream) return;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  },
});

async function measurePods(args: StatsArgs, context: Context, previous: Map<string, ContainerStats>) {
  const all = !args.latest && args.operands.length === 0;
  const pods = all ? allPods(context.engine.state) : selectPods(args, context);
  const members = await Promise.all(pods.map((pod) => podMembers(context.engine, pod)));
  return members.flat().flatMap((container) => {
    const { config, state } = container;
    if (state.status !== 'running') return [];
    return [{ pod: config.pod, stats: measure(container, previous.get(config.id)) }];
  });
}

/** Podman's fields in Podman's order. */
function fieldsOf(pod: string, stats: ContainerStats) {
  const row = new StatsRow(stats, true);
  return {
    CPU: row.CPUPerc,
    MemUsage: row.MemUsage,
    MemUsageBytes: row.MemUsageBytes,
    Mem: row.MemPerc,
    NetIO: row.NetIO,
    BlockIO: row.BlockIO,
    PIDS: row.PIDS,
    Pod: pod.slice(0, 12),
    CID: row.ID,
    Name: row.Name,
  };
}

const table = [
  ['POD', 'Pod'],
  ['CID', 'CID'],
  ['NAME', 'Name'],
  ['CPU %', 'CPU'],
  ['MEM USAGE/ LIMIT', 'MemUsage'],
  ['MEM %', 'Mem'],
  ['NET IO', 'NetIO'],
  ['BLOCK IO', 'BlockIO'],
  ['PIDS', 'PIDS'],
] as const;

function render(rows: ReturnType<typeof fieldsOf>[], { format = '', noReset }: StatsArgs): string {
  if (isJson(format)) return `${printJson(rows, { indent: '     ' })}\n`;
  const clear = noReset ? '' : '\x1b[2J\x1b[H';
  const headings = { MemUsageBytes: 'MEM USAGE/ LIMIT' };
  return clear + formatRows({ rows, format, table, headings, name: 'stats' });
}
