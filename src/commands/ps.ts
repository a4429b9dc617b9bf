import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { TspodError } from '../errors.ts';
import { listContainers, type PsEntry, type PsSort, psSorts, sortEntries } from '../runtime/ps.ts';
import { PsRow } from './ps-row.ts';

const flags = {
  all: { type: 'boolean', alias: 'a', describe: 'Show all the containers, default is only running containers' },
  external: { type: 'boolean', describe: 'Show containers in storage not controlled by Podman' },
  filter: { type: 'list', alias: 'f', describe: 'Filter output based on conditions given', valueName: 'stringArray' },
  format: { type: 'string', describe: 'Pretty-print containers to JSON or using a Go template' },
  last: { type: 'number', alias: 'n', default: -1, describe: 'Print the n last created containers (all states)' },
  latest: {
    type: 'boolean',
    alias: 'l',
    describe: 'Act on the latest container podman is aware of\nNot supported with the "--remote" flag',
  },
  'no-trunc': { type: 'boolean', describe: 'Display the extended information' },
  noheading: { type: 'boolean', describe: 'Do not print headers' },
  ns: { type: 'boolean', describe: 'Display namespace information' },
  pod: {
    type: 'boolean',
    alias: 'p',
    describe: 'Print the ID and name of the pod the containers are associated with',
  },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print the numeric IDs of the containers only' },
  size: { type: 'boolean', alias: 's', describe: 'Display the total file sizes' },
  sort: { type: 'string', describe: `Sort output by: ${psSorts.join(', ')}`, choices: psSorts, valueName: 'choice' },
  sync: { type: 'boolean', describe: 'Sync container state with OCI runtime' },
  watch: { type: 'number', alias: 'w', describe: 'Watch the ps output on an interval in seconds', valueName: 'uint' },
} as const;

export default defineCommand({
  usage: 'ps [options]',
  describe: 'List containers',
  long: 'Prints out information about the containers',
  flags,
  examples: ['ps -a', 'ps -a --format "{{.ID}}  {{.Image}}  {{.Labels}}  {{.Mounts}}"', 'ps --size --sort names'],

  async handler(args, context) {
    checkFlags(args);
    if (!args.watch) return context.stdout(await listing(args, context));
    for (;;) {
      const text = await listing(args, context);
      context.stdout(`\x1b[H\x1b[2J${text}`);
      await new Promise((resolve) => setTimeout(resolve, (args.watch ?? 1) * 1000));
    }
  },
});

function checkFlags({ last, latest, quiet, size, ns, watch }: Args<typeof flags>): void {
  const refuse = (message: string) => {
    throw new TspodError('BAD_ARGUMENT', message);
  };
  if (last >= 0 && latest) refuse('last and latest are mutually exclusive');
  if (quiet && (size || ns)) refuse('quiet conflicts with size and namespace');
  if (size && ns) refuse('size and namespace options conflict');
  if (watch && latest) refuse('the watch and latest flags cannot be used together');
}

async function listing(args: Args<typeof flags>, context: Context): Promise<string> {
  const { all, external, filter, last, latest, size, ns } = args;
  const found = await listContainers(context.engine, {
    all,
    external,
    filters: filter,
    last: latest ? 1 : last,
    size,
    pods: args.pod || /\.PodName/.test(args.format ?? ''),
    namespaces: ns || /Namespaces|\.(MNT|NET|IPC|PIDNS|UTS|User|Cgroup)/.test(args.format ?? ''),
  });
  const entries = args.sort ? sortEntries(found, args.sort as PsSort) : found;
  if (isJson(args.format ?? '')) return `${printJson(entries.map(PsRow.json), { indent: '  ' })}\n`;
  if (args.quiet && !args.given.has('format')) {
    return entries.map(({ Id }) => `${args.noTrunc ? Id : Id.slice(0, 12)}\n`).join('');
  }
  return table(entries, args);
}

function table(entries: PsEntry[], args: Args<typeof flags>): string {
  return formatRows({
    rows: entries.map((entry) => new PsRow(entry, !args.noTrunc)),
    format: args.format?.replaceAll('.Namespaces.', '.'),
    table: args.ns ? namespaceColumns : columns(args),
    headings,
    noHeading: args.noheading,
    name: 'ps',
  });
}

const namespaceColumns = [
  ['CONTAINER ID', 'ID'],
  ['NAMES', 'Names'],
  ['PID', 'Pid'],
  ['CGROUPNS', 'Cgroup'],
  ['IPC', 'IPC'],
  ['MNT', 'MNT'],
  ['NET', 'NET'],
  ['PIDNS', 'PIDNS'],
  ['USERNS', 'User'],
  ['UTS', 'UTS'],
] as const;

const headings = {
  Cgroup: 'CGROUPNS',
  CreatedHuman: 'CREATED',
  ID: 'CONTAINER ID',
  MNT: 'MNT',
  Pod: 'POD ID',
  PodName: 'PODNAME',
  Restarts: 'RESTARTS',
  RunningFor: 'RUNNING FOR',
  User: 'USERNS',
};

function columns({ pod, size }: Args<typeof flags>): (readonly [string, string])[] {
  return [
    ['CONTAINER ID', 'ID'],
    ['IMAGE', 'Image'],
    ['COMMAND', 'Command'],
    ['CREATED', 'CreatedHuman'],
    ['STATUS', 'Status'],
    ['PORTS', 'Ports'],
    ['NAMES', 'Names'],
    ...(pod
      ? ([
          ['POD ID', 'Pod'],
          ['PODNAME', 'PodName'],
        ] as const)
      : []),
    ...(size ? ([['SIZE', 'Size']] as const) : []),
  ];
}
