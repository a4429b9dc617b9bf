import { defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { TspodError } from '../errors.ts';
import { listPods } from '../runtime/pod/ps.ts';
import { PodRow } from './pod-row.ts';
import { podFlags } from './pod-select.ts';

const flags = {
  'ctr-ids': {
    type: 'boolean',
    describe: 'Display the container UUIDs. If no-trunc is not set they will be truncated',
  },
  'ctr-names': { type: 'boolean', describe: 'Display the container names' },
  'ctr-status': { type: 'boolean', describe: 'Display the container status' },
  filter: { type: 'list', alias: 'f', describe: 'Filter output based on conditions given', valueName: 'stringArray' },
  format: { type: 'string', describe: 'Pretty-print pods to JSON or using a Go template' },
  latest: podFlags.latest,
  'no-trunc': { type: 'boolean', describe: 'Do not truncate pod and container IDs' },
  noheading: { type: 'boolean', alias: 'n', describe: 'Do not print headers' },
  ns: { type: 'boolean', describe: 'Display namespace information of the pod' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print the numeric IDs of the pods only' },
  sort: { type: 'string', default: 'created', describe: 'Sort output by created, id, name, or number' },
} as const;

export default defineCommand({
  usage: 'ps [options]',
  describe: 'List pods',
  long: 'List all pods on system including their names, ids and current state.',
  flags,

  async handler(args, { engine, stdout }) {
    const { filter, format = '', latest, noheading, noTrunc, quiet, sort } = args;
    if (quiet && format) throw new TspodError('BAD_ARGUMENT', 'quiet and format cannot be used together');
    const pods = await listPods(engine, { filters: filter, latest, sort });
    if (isJson(format)) return stdout(`${printJson(pods, { indent: '  ' })}\n`);
    if (quiet) return stdout(pods.map(({ Id }) => `${Id}\n`).join(''));
    const rows = pods.map((entry) => new PodRow(entry, !noTrunc));
    stdout(formatRows({ rows, format, table: columns(args), headings, noHeading: noheading, name: 'ps' }));
  },
});

const headings = {
  ID: 'POD ID',
  Id: 'POD ID',
  InfraId: 'INFRA ID',
  InfraID: 'INFRA ID',
  NumberOfContainers: '# OF CONTAINERS',
  ContainerIds: 'IDS',
  ContainerNames: 'NAMES',
  ContainerStatuses: 'STATUS',
  Namespace: 'NAMESPACES',
};

interface Wanted {
  ctrIds: boolean;
  ctrNames: boolean;
  ctrStatus: boolean;
  ns: boolean;
}

function columns({ ctrIds, ctrNames, ctrStatus, ns }: Wanted): (readonly [string, string])[] {
  const when = (wanted: boolean, ...list: (readonly [string, string])[]) => (wanted ? list : []);
  return [
    ['POD ID', 'Id'],
    ['NAME', 'Name'],
    ['STATUS', 'Status'],
    ['CREATED', 'Created'],
    ['INFRA ID', 'InfraId'],
    ...when(ctrIds, ['IDS', 'ContainerIds']),
    ...when(ctrNames, ['NAMES', 'ContainerNames']),
    ...when(ctrStatus, ['STATUS', 'ContainerStatuses']),
    ...when(ns, ['CGROUP', 'Cgroup'], ['NAMESPACES', 'Namespace']),
    ...when(!ctrIds && !ctrNames && !ctrStatus, ['# OF CONTAINERS', 'NumberOfContainers']),
  ];
}
