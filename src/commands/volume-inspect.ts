import { type Context, defineCommand } from '../cli/command.ts';
import { errorText, exitCodeOf } from '../cli/exit-code.ts';
import { formatRows, printJson } from '../cli/format.ts';
import type { Engine } from '../engine.ts';
import { TspodError } from '../errors.ts';
import { type VolumeReport, volumeJson, volumeReport } from './volume-report.ts';

export default defineCommand({
  usage: 'inspect [options] VOLUME [VOLUME...]',
  describe: 'Display detailed information on one or more volumes',
  long: 'Display detailed information on one or more volumes.\n\n  Use a Go template to change the format from JSON.',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Inspect all volumes' },
    format: { type: 'string', alias: 'f', default: 'json', describe: 'Format volume output using Go template' },
  },
  operands: { complete: 'volumes' },
  examples: ['volume inspect myvol', 'volume inspect --all', 'volume inspect --format "{{.Driver}} {{.Scope}}" myvol'],

  handler(args, context) {
    if (args.all === args.operands.length > 0) {
      throw new TspodError('BAD_ARGUMENT', 'provide one or more volume names or use --all');
    }
    const { reports, exitCode } = args.all ? allOf(context) : named(args.operands, context);
    if (args.format !== 'json') context.stdout(formatRows({ rows: reports, format: args.format, table: [] }));
    else context.stdout(`${printJson(reports.map(volumeJson), { indent: '     ' })}\n`);
    return exitCode;
  },
});

/** What `inspect` shows of a volume. @throws NO_SUCH_VOLUME */
export function inspectVolume(engine: Engine, name: string): Partial<VolumeReport> {
  return volumeJson(volumeReport(engine.store.findVolume(name), engine.state.list()));
}

interface Found {
  reports: VolumeReport[];
  exitCode: number;
}

function allOf({ engine }: Context): Found {
  const containers = engine.state.list();
  return { reports: engine.store.volumes().map((volume) => volumeReport(volume, containers)), exitCode: 0 };
}

/** Those that exist are shown; each that does not is an error. */
function named(names: readonly string[], context: Context): Found {
  const containers = context.engine.state.list();
  const found: Found = { reports: [], exitCode: 0 };
  for (const name of names) {
    try {
      found.reports.push(volumeReport(context.engine.store.findVolume(name), containers));
    } catch (error) {
      context.stderr(errorText(error));
      found.exitCode = exitCodeOf(error);
    }
  }
  return found;
}
