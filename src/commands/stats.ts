import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { binarySize, humanSize } from '../cli/units.ts';
import { hasCode, TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import { goDuration } from '../runtime/go-duration.ts';
import { selectContainers } from '../runtime/select.ts';
import { type ContainerStats, measure } from '../runtime/stats.ts';
import { current, currentContainers } from '../runtime/sync.ts';
import { selectFlags } from './select-flags.ts';

const flags = {
  all: {
    type: 'boolean',
    alias: 'a',
    describe: 'Show all containers. Only running containers are shown by default. The default is false',
  },
  format: { type: 'string', describe: 'Pretty-print container statistics to JSON or using a Go template' },
  interval: { type: 'number', alias: 'i', default: 5, describe: 'Time in seconds between stats reports' },
  latest: selectFlags.latest,
  'no-reset': { type: 'boolean', describe: 'Disable resetting the screen between intervals' },
  'no-stream': {
    type: 'boolean',
    describe: 'Disable streaming stats and only pull the first result, default setting is false',
  },
  'no-trunc': { type: 'boolean', describe: 'Do not truncate output' },
} as const;

type StatsArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'stats [options] [CONTAINER...]',
  describe: 'Display a live stream of container resource usage statistics',
  long: 'Display percentage of CPU, memory, network I/O, block I/O and PIDs for one or more containers.',
  flags,
  operands: { complete: 'running' },
  examples: [
    'stats --all --no-stream',
    'stats ctrID',
    'stats --no-stream --format "table {{.ID}} {{.Name}} {{.MemUsage}}" ctrID',
  ],

  async handler(args, context) {
    const chosen = [args.all, args.latest, args.operands.length > 0].filter(Boolean).length;
    if (chosen > 1) throw new TspodError('BAD_ARGUMENT', '--all, --latest and containers cannot be used together');
    if (args.interval < 1)
      throw new TspodError('BAD_ARGUMENT', 'invalid interval, must be a positive number greater zero');
    let previous = new Map<string, ContainerStats>();
    for (;;) {
      const stats = (await containersOf(args, context)).map((each) => measure(each, previous.get(each.config.id)));
      previous = new Map(stats.map((each) => [each.ContainerID, each]));
      context.stdout(render(stats, args));
      if (args.noStream) return;
      await new Promise((resolve) => setTimeout(resolve, args.interval * 1000));
    }
  },
});

async function containersOf({ all, latest, operands }: StatsArgs, { engine }: Context): Promise<Container[]> {
  if (latest || operands.length > 0) {
    const selected = await selectContainers(engine, {
      operands: operands.map((name) => name.replace(/^\//, '')),
      latest,
    });
    const found = await Promise.all(selected.map(({ container }) => currentOrNull(engine, container)));
    return found.filter((container) => container !== null);
  }
  const containers = await currentContainers(engine);
  return all ? containers : containers.filter(({ state }) => state.status === 'running');
}

async function currentOrNull(engine: Context['engine'], container: Container): Promise<Container | null> {
  try {
    return await current(engine, container);
  } catch (error) {
    if (hasCode(error, 'NO_SUCH_CONTAINER')) return null;
    throw error;
  }
}

function render(stats: ContainerStats[], args: StatsArgs): string {
  const clear = args.noReset ? '' : '\x1b[2J\x1b[H';
  const rows = stats.map((each) => new StatsRow(each, !args.noTrunc));
  const { format = '' } = args;
  if (isJson(format)) return `${clear}${printJson(rows.map(toJson), { indent: ' ' })}\n`;
  return clear + formatRows({ rows, format, table, headings, name: 'stats' });
}

const table = [
  ['ID', 'ID'],
  ['NAME', 'Name'],
  ['CPU %', 'CPUPerc'],
  ['MEM USAGE / LIMIT', 'MemUsage'],
  ['MEM %', 'MemPerc'],
  ['NET IO', 'NetIO'],
  ['BLOCK IO', 'BlockIO'],
  ['PIDS', 'PIDS'],
  ['CPU TIME', 'UpTime'],
  ['AVG CPU %', 'AVGCPU'],
] as const;

const headings = { MemUsageBytes: 'MEM USAGE / LIMIT', ContainerID: 'CONTAINER ID', Up: 'UP' };

/** One measurement as `stats` shows it. */
export class StatsRow {
  readonly #stats: ContainerStats;
  readonly #trunc: boolean;

  constructor(stats: ContainerStats, trunc: boolean) {
    this.#stats = stats;
    this.#trunc = trunc;
  }

  get ID() {
    return this.#trunc ? this.#stats.ContainerID.slice(0, 12) : this.#stats.ContainerID;
  }
  get ContainerID() {
    return this.#stats.ContainerID;
  }
  get Name() {
    return this.#stats.Name;
  }
  get CPUPerc() {
    return percentText(this.#stats.CPU);
  }
  get CPU() {
    return this.#stats.CPU;
  }
  get CPUNano() {
    return this.#stats.CPUNano;
  }
  get AVGCPU() {
    return percentText(this.#stats.AvgCPU);
  }
  get AvgCPU() {
    return this.#stats.AvgCPU;
  }
  get UpTime() {
    return goDuration(this.#stats.UpTime);
  }
  get Up() {
    return this.UpTime;
  }
  get MemUsage() {
    return `${humanSize(this.#stats.MemUsage)} / ${humanSize(this.#stats.MemLimit)}`;
  }
  get MemUsageBytes() {
    return `${binarySize(this.#stats.MemUsage)} / ${binarySize(this.#stats.MemLimit)}`;
  }
  get MemLimit() {
    return this.#stats.MemLimit;
  }
  get MemPerc() {
    return percentText(this.#stats.MemPerc);
  }
  get NetIO() {
    return `${humanSize(this.#stats.NetInput)} / ${humanSize(this.#stats.NetOutput)}`;
  }
  get BlockIO() {
    return `${humanSize(this.#stats.BlockInput)} / ${humanSize(this.#stats.BlockOutput)}`;
  }
  get BlockInput() {
    return this.#stats.BlockInput;
  }
  get BlockOutput() {
    return this.#stats.BlockOutput;
  }
  get PIDS() {
    return String(this.#stats.PIDs);
  }
  get PIDs() {
    return this.#stats.PIDs;
  }
  get SystemNano() {
    return this.#stats.SystemNano;
  }
}

function percentText(value: number): string {
  return `${value.toFixed(2)}%`;
}

function toJson(row: StatsRow): Record<string, string> {
  return {
    id: row.ID,
    name: row.Name,
    cpu_time: row.Up,
    cpu_percent: row.CPUPerc,
    avg_cpu: row.AVGCPU,
    mem_usage: row.MemUsage,
    mem_percent: row.MemPerc,
    net_io: row.NetIO,
    block_io: row.BlockIO,
    pids: row.PIDS,
  };
}
