import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { formatRows, isJson } from '../cli/format.ts';
import { TspodError } from '../errors.ts';
import { eventFilter, timeOf } from '../runtime/events/filter.ts';
import { type ReadOptions, readEvents } from '../runtime/events/read.ts';
import type { LoggedEvent } from '../storage/event-log.ts';
import { EventRow, eventText } from './event-row.ts';

const flags = defineFlags({
  filter: { type: 'list', alias: 'f', valueName: 'stringArray', describe: 'filter output' },
  format: { type: 'string', describe: 'format the output using a Go template' },
  'no-trunc': { type: 'boolean', default: true, describe: 'do not truncate the output' },
  since: { type: 'string', describe: 'show all events created since timestamp' },
  stream: {
    type: 'boolean',
    default: true,
    describe: 'stream events and do not exit when returning the last known event',
  },
  until: { type: 'string', describe: 'show all events until timestamp' },
});

type EventsArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'events [options]',
  describe: 'Show podman system events',
  long: `Monitor podman system events.

  By default, streaming mode is used, printing new events as they occur.  Previous events can be listed via --since and --until.`,
  flags,
  examples: ['events', 'events --filter event=create', 'events --format {{.Image}}', 'events --since 1h30s'],

  async handler(args, context) {
    const settings = context.engine.journal.settings;
    if (!settings) throw new TspodError('BAD_ARGUMENT', 'cannot read events with the "none" backend');
    const { filter: filters, since, until } = args;
    const fits = eventFilter({ filters, since, until });
    const print = printer(args, context);
    for await (const event of readEvents(place(settings.path, args))) if (fits(event)) print(event);
  },
});

function place(path: string, { since, until, stream }: EventsArgs): ReadOptions {
  const endsAt = until ? Number(timeOf('until', until, true) / 1_000_000n) : undefined;
  return { path, fromStart: Boolean(since || until), stream, ...(endsAt === undefined ? {} : { endsAt }) };
}

function printer({ format, given, noTrunc }: EventsArgs, { stdout }: Context): (event: LoggedEvent) => void {
  if (!given.has('format') || format === undefined) return (event) => stdout(`${eventText(event, !noTrunc)}\n`);
  if (isJson(format)) return (event) => stdout(`${new EventRow(event).toJson()}\n`);
  const options = { format, table: [], name: 'events' };
  // A template that does not parse is an error now, not with the first event.
  formatRows({ ...options, rows: [] });
  return (event) => stdout(formatRows({ ...options, rows: [new EventRow(event)] }));
}
