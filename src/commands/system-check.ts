import { type Context, defineCommand } from '../cli/command.ts';
import { hasCode, TspodError } from '../errors.ts';
import { removeContainer } from '../runtime/remove.ts';
import type { Problem } from '../storage/store.ts';

export default defineCommand({
  usage: 'check [options]',
  describe: 'Check storage consistency',
  long: `podman system check

        Check storage for consistency and remove anything that looks damaged
`,
  flags: {
    force: { type: 'boolean', alias: 'f', describe: 'Remove inconsistent images and containers' },
    max: {
      type: 'string',
      alias: 'm',
      default: '24h0m0s',
      valueName: 'duration',
      describe: 'Maximum allowed age of unreferenced layers',
    },
    quick: {
      type: 'boolean',
      alias: 'q',
      describe: 'Skip time-consuming checks. The default is to include time-consuming checks',
    },
    repair: { type: 'boolean', alias: 'r', describe: 'Remove inconsistent images' },
  },
  examples: ['system check'],

  async handler(args, context) {
    const options = { maxUnreferencedAge: milliseconds(args.max), quick: args.quick };
    context.engine.store.recover();
    const problems = await check(options, context);
    context.stdout(describe(problems));
    if (problems.length === 0) return 0;
    if (!args.repair && !args.force) throw new TspodError('CORRUPT_STORE', 'damage detected in local storage');
    let left = problems;
    // A container that goes may leave layers that nobody needs.
    for (let round = 0; round < 3 && left.length > 0; round++) {
      await repair(left, args.force, context);
      left = await check(options, context);
    }
    if (left.length === 0) return 0;
    throw new TspodError('CORRUPT_STORE', 'damage in local storage still present after repair attempt');
  },
});

interface Options {
  maxUnreferencedAge: number;
  quick: boolean;
}

function check({ maxUnreferencedAge, quick }: Options, { engine }: Context): Promise<Problem[]> | Problem[] {
  return quick ? engine.store.check({ maxUnreferencedAge }) : engine.store.checkFully({ maxUnreferencedAge });
}

async function repair(problems: Problem[], force: boolean, context: Context): Promise<void> {
  const { engine, stdout } = context;
  const containers = new Set(problems.filter(({ kind }) => kind === 'container').map(({ id }) => id));
  for (const id of force ? containers : []) {
    await remove(id, context);
    stdout(`Deleted damaged container: ${id}\n`);
  }
  const { layers, images } = engine.store.repair(problems);
  for (const id of layers) stdout(`Deleted damaged layer: ${id}\n`);
  for (const id of images) stdout(`Deleted damaged image: ${id}\n`);
}

/** A container of another tool has its record in the store only. */
async function remove(id: string, { engine }: Context): Promise<void> {
  try {
    await removeContainer(engine, id, { force: true });
  } catch (error) {
    if (!hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
  }
  engine.store.deleteContainer(id);
}

/** Grouped by what is damaged. */
function describe(problems: Problem[]): string {
  const groups = new Map<string, string[]>();
  for (const { kind, id, message } of problems) {
    const title = `Damaged ${kind === 'leftover' ? 'layer' : kind} ${id}:`;
    groups.set(title, [...(groups.get(title) ?? []), message]);
  }
  const texts = [...groups].map(([title, messages]) => {
    const count = messages.length === 1 ? '1 error occurred' : `${messages.length} errors occurred`;
    return `${title}\n${count}:\n${messages.map((message) => `\t* ${message}\n`).join('')}\n`;
  });
  return texts.join('');
}

/** A duration of Go: `24h`, `1h30m`, `0`. */
function milliseconds(text: string): number {
  const units: Record<string, number> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(text)) {
    throw new TspodError(
      'BAD_ARGUMENT',
      `invalid argument "${text}" for "-m, --max" flag: time: invalid duration "${text}"`,
    );
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
}
