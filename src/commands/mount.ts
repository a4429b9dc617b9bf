import { type Context, defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { requireUnshare } from '../config/rootless.ts';
import { TspodError } from '../errors.ts';
import { containerEvent } from '../runtime/events.ts';
import { type Selected, selectContainers } from '../runtime/select.ts';
import type { ContainerRecord } from '../storage/records.ts';
import { forEachOperand } from './each.ts';

export default defineCommand({
  usage: 'mount [options] [CONTAINER...]',
  describe: "Mount a working container's root filesystem",
  long: `podman mount
    Lists all mounted containers mount points if no container is specified

  podman mount CONTAINER-NAME-OR-ID
    Mounts the specified container and outputs the mountpoint
`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Mount all containers' },
    format: { type: 'string', describe: 'Print the mounted containers in specified format (json)' },
    latest: { type: 'boolean', alias: 'l', describe: 'Act on the latest container podman is aware of' },
    'no-trunc': { type: 'boolean', aliases: ['notruncate'], describe: 'Do not truncate output' },
  },
  operands: { complete: 'containers' },

  async handler(args, context) {
    requireUnshare('mount');
    if (args.all && args.latest) {
      throw new TspodError('BAD_ARGUMENT', '--all and --latest cannot be used together');
    }
    if (args.operands.length > 0 && args.latest) {
      throw new TspodError('BAD_ARGUMENT', '--latest and containers cannot be used together');
    }
    if (args.operands.length > 0 && args.all) {
      throw new TspodError('BAD_ARGUMENT', 'no arguments are needed with --all');
    }
    if (args.operands.length > 0 || args.latest || args.all) return mountAll(args, context);
    if (args.format && !isJson(args.format)) {
      throw new TspodError('BAD_ARGUMENT', `unknown --format argument: "${args.format}"`);
    }
    const rows = mounted(context);
    if (args.format) context.stdout(`${printJson(rows.map(toJson), { indent: ' ' })}\n`);
    else context.stdout(listing(rows, args.noTrunc));
    return 0;
  },
});

async function mountAll(
  args: { operands: string[]; all: boolean; latest: boolean },
  context: Context,
): Promise<number> {
  const external = externalContainers(args.operands, context);
  const operands = args.operands.filter((operand) => !external.has(operand));
  const selected = operands.length > 0 || args.all || args.latest ? await select({ ...args, operands }, context) : [];
  const byInput = new Map(selected.map((each) => [each.input, each]));
  const inputs = args.operands.length > 0 ? args.operands.map((name) => name.replace(/^\//, '')) : [...byInput.keys()];
  return forEachOperand(inputs, context, (input) => {
    const config = byInput.get(input)?.container.config;
    if (config?.rootfs) return config.rootfs;
    const id = config?.id ?? external.get(input)?.id ?? input;
    const path = context.engine.store.mountContainer(id);
    if (config) containerEvent(context.engine, config, 'mount');
    return path;
  });
}

function select(
  selection: { operands: string[]; all: boolean; latest: boolean },
  context: Context,
): Promise<Selected[]> {
  return selectContainers(context.engine, selection);
}

/** Containers that other tools made in the same store, by what the user called them. */
export function externalContainers(operands: readonly string[], { engine }: Context): Map<string, ContainerRecord> {
  const own = new Set(engine.state.list().map(({ config }) => config.id));
  const records = engine.store.containers().filter((record) => !own.has(record.id));
  const found = new Map<string, ContainerRecord>();
  for (const operand of operands) {
    const record = records.find(({ id, names }) => id === operand || names?.includes(operand));
    if (record) found.set(operand, record);
  }
  return found;
}

interface MountRow {
  id: string;
  name: string;
  path: string;
}

/** Containers of all tools that are mounted now. */
export function mounted({ engine }: Context): MountRow[] {
  const byLayer = new Map(engine.store.containers().map((record) => [record.layer, record]));
  return engine.store.mounts().flatMap(({ id, path }) => {
    const record = byLayer.get(id);
    return record ? [{ id: record.id, name: record.names?.[0] ?? '', path }] : [];
  });
}

function toJson({ id, name, path }: MountRow): unknown {
  return { id, Names: [name], mountpoint: path };
}

function listing(rows: MountRow[], full: boolean): string {
  const shown = rows.map((row) => ({ ID: full ? row.id : row.id.slice(0, 12), Path: row.path }));
  const table = [
    ['ID', 'ID'],
    ['PATH', 'Path'],
  ] as const;
  return formatRows({ rows: shown, table, noHeading: true });
}
