import { defineCommand } from '../cli/command.ts';
import { formatRows } from '../cli/format.ts';
import { humanDuration, humanSize } from '../cli/units.ts';
import { TspodError } from '../errors.ts';
import { splitName } from '../image/names.ts';
import type { RuntimeContext } from '../runtime/context.ts';
import {
  type ContainerUsage,
  containerUsage,
  type ImageUsage,
  imageUsage,
  type VolumeUsage,
  volumeUsage,
} from '../runtime/info/disk-usage.ts';

export default defineCommand({
  usage: 'df [options]',
  describe: 'Show podman disk usage',
  long: 'podman system df\n\n  Show podman disk usage',
  flags: {
    format: { type: 'string', describe: 'Pretty-print images using a Go template', complete: 'none' },
    verbose: { type: 'boolean', alias: 'v', describe: 'Show detailed information on disk usage' },
  },
  handler({ format, verbose }, { engine, stdout }) {
    if (format && verbose) throw new TspodError('BAD_ARGUMENT', 'cannot combine --format and --verbose flags');
    stdout(
      verbose ? details(engine) : formatRows({ rows: summary(engine), format, table: columns, name: 'df', toJson }),
    );
  },
});

interface Summary {
  Type: string;
  Total: number;
  Active: number;
  RawSize: number;
  RawReclaimable: number;
  TotalCount: number;
  Size: string;
  Reclaimable: string;
}

const columns = [
  ['TYPE', 'Type'],
  ['TOTAL', 'Total'],
  ['ACTIVE', 'Active'],
  ['SIZE', 'Size'],
  ['RECLAIMABLE', 'Reclaimable'],
] as const;

function toJson(row: Summary): Summary {
  return row;
}

function summary(engine: RuntimeContext): Summary[] {
  const { images, total } = imageUsage(engine);
  const distinct = [...new Map(images.map((image) => [image.id, image])).values()];
  const used = distinct.filter(({ containers }) => containers > 0);
  const containers = containerUsage(engine);
  const running = containers.filter(({ status }) => status === 'running');
  const volumes = volumeUsage(engine);
  const links = volumes.reduce((sum, volume) => sum + volume.links, 0);
  const unused = volumes.filter((volume) => volume.links === 0);
  const written = sizeOf(containers);
  return [
    row('Images', images.length, used.length, total, total - used.reduce((sum, { uniqueSize }) => sum + uniqueSize, 0)),
    row('Containers', containers.length, running.length, written, written - sizeOf(running)),
    row('Local Volumes', volumes.length, links, sizeOf(volumes), sizeOf(unused)),
  ];
}

function row(Type: string, Total: number, Active: number, RawSize: number, RawReclaimable: number): Summary {
  const percent = RawSize > 0 ? Math.round((RawReclaimable / RawSize) * 100) : 0;
  const Reclaimable = `${humanSize(RawReclaimable)} (${percent}%)`;
  return { Type, Total, Active, RawSize, RawReclaimable, TotalCount: Total, Size: humanSize(RawSize), Reclaimable };
}

function sizeOf(parts: { size: number }[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

function details(engine: RuntimeContext): string {
  const tables = [
    ['Images', imageTable(imageUsage(engine).images)],
    ['Containers', containerTable(containerUsage(engine))],
    ['Local Volumes', volumeTable(volumeUsage(engine))],
  ];
  return tables.map(([title, table]) => `${title} space usage:\n\n${table}`).join('\n');
}

function imageTable(images: ImageUsage[]): string {
  const headings = 'REPOSITORY,TAG,IMAGE ID,CREATED,SIZE,SHARED SIZE,UNIQUE SIZE,CONTAINERS';
  const rows = images.map(({ name, id, created, sharedSize, uniqueSize, containers }) => {
    const { repository, tag } = name ? splitName(name) : { repository: '<none>', tag: '<none>' };
    const sizes = [sharedSize + uniqueSize, sharedSize, uniqueSize].map((size) => humanSize(size));
    return [repository, tag, id.slice(0, 12), age(created), ...sizes, containers];
  });
  return aligned(headings, rows);
}

function containerTable(containers: ContainerUsage[]): string {
  const headings = 'CONTAINER ID,IMAGE,COMMAND,LOCAL VOLUMES,SIZE,CREATED,STATUS,NAMES';
  const rows = containers.map(({ id, imageId, command, volumes, size, created, status, name }) => {
    return [
      id.slice(0, 12),
      imageId.slice(0, 12),
      command.join(' '),
      volumes,
      humanSize(size),
      age(created),
      status,
      name,
    ];
  });
  return aligned(headings, rows);
}

function volumeTable(volumes: VolumeUsage[]): string {
  return aligned(
    'VOLUME NAME,LINKS,SIZE',
    volumes.map(({ name, links, size }) => [name, links, humanSize(size)]),
  );
}

function age(time: string): string {
  return humanDuration(Date.now() - Date.parse(time));
}

function aligned(headings: string, rows: (string | number)[][]): string {
  const table = headings.split(',').map((heading, index) => [heading, String(index)] as const);
  return formatRows({ rows, table });
}
