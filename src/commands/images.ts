import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { formatRows } from '../cli/format.ts';
import { TspodError } from '../errors.ts';
import { type ImageSummary, listImages } from '../image/list.ts';
import { plainListing } from '../image/listing.ts';
import { splitName } from '../image/names.ts';
import { untilTime } from '../runtime/until.ts';
import { ImageRow } from './image-row.ts';

const flags = defineFlags({
  all: { type: 'boolean', alias: 'a', describe: 'Show also images that only others are built on' },
  digests: { type: 'boolean', describe: 'Show the digests' },
  filter: { type: 'list', alias: 'f', describe: 'Show only images that fit (NAME=VALUE)', complete: 'none' },
  format: { type: 'string', describe: 'Print JSON or what a Go template says', complete: 'none' },
  history: { type: 'boolean', describe: 'Show the names that the images had' },
  'no-trunc': { type: 'boolean', describe: 'Do not shorten ids' },
  noheading: { type: 'boolean', alias: 'n', describe: 'Do not print the headings' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print only ids' },
  sort: {
    type: 'string',
    default: 'created',
    choices: ['created', 'id', 'repository', 'size', 'tag'],
    describe: 'Sort by created, id, repository, size or tag',
  },
});

export default defineCommand({
  usage: 'images [options] [IMAGE]',
  describe: 'List images in local storage',
  long: 'Lists the images of the store.',
  flags,
  operands: { max: 1, complete: 'images' },
  examples: ['images --format json', 'images --sort repository --format "table {{.ID}} {{.Repository}} {{.Tag}}"'],
  async handler(args, context) {
    const list = isPlain(args) ? plainListing : listImages;
    const images = await list(context.engine, { all: args.all, filters: filtersOf(args), untilTime });
    const rows = images.flatMap((image) => rowsOf(image, !args.noTrunc)).sort(order[args.sort] ?? (() => 0));
    context.stdout(render(rows, images, args, context));
  },
});

/** Nothing is shown but names, ids, times and sizes of all images that are not hidden. */
function isPlain({ all, digests, filter, format, history, operands }: Args<typeof flags>): boolean {
  return !all && !digests && !history && !format && filter.length === 0 && operands.length === 0;
}

/** @throws TspodError BAD_ARGUMENT */
function filtersOf({ filter, operands }: Args<typeof flags>): string[] {
  const [name] = operands;
  if (name !== undefined && filter.length > 0) {
    throw new TspodError('BAD_ARGUMENT', 'cannot specify an image and a filter(s)');
  }
  return name === undefined ? filter : [`reference=${name}`];
}

/** One row per tag; a name without a tag shows only when there is no other. */
function rowsOf(image: ImageSummary, trunc: boolean): ImageRow[] {
  const tagged = image.names.filter((name) => splitName(name).tag !== '<none>');
  const shown: (string | null)[] = tagged.length > 0 ? tagged : [image.names[0] ?? null];
  return shown.map((name) => new ImageRow(image, name, trunc));
}

function render(rows: ImageRow[], images: ImageSummary[], args: Args<typeof flags>, context: Context): string {
  if (args.quiet && args.format !== 'json') return [...new Set(rows.map((row) => `${row.ID}\n`))].join('');
  const table: [string, string][] = [
    ['REPOSITORY', 'Repository'],
    ['TAG', 'Tag'],
    ...(args.digests ? [['DIGEST', 'Digest'] satisfies [string, string]] : []),
    ['IMAGE ID', 'ID'],
    ['CREATED', 'Created'],
    ['SIZE', 'Size'],
    ...(args.history ? [['HISTORY', 'History'] satisfies [string, string]] : []),
    ...(images.at(-1)?.isReadOnly ? [['R/O', 'ReadOnly'] satisfies [string, string]] : []),
  ];
  return formatRows({
    rows,
    format: args.format,
    table,
    headings: { ReadOnly: 'R/O', ID: 'IMAGE ID', Id: 'IMAGE ID' },
    noHeading: args.noheading,
    name: context.path.split(' ').at(-1) ?? 'images',
    toJson: (row) => row.toJson(),
  });
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const order: Record<string, (a: ImageRow, b: ImageRow) => number> = {
  created: (a, b) => b.unixCreated - a.unixCreated,
  id: (a, b) => byText(a.ID, b.ID),
  repository: (a, b) => byText(a.Repository, b.Repository) || byText(a.Tag, b.Tag),
  size: (a, b) => a.bytes - b.bytes,
  tag: (a, b) => byText(a.Tag, b.Tag),
};
