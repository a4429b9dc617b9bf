import { type Args, defineCommand, defineFlags } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { TspodError } from '../errors.ts';
import { type SearchResult, searchImages, searchTags } from '../image/search.ts';
import { registryFlags, remoteOptions } from './registry-flags.ts';

const flags = defineFlags({
  ...registryFlags,
  compatible: { type: 'boolean', describe: 'Show stars, official and automated, as Docker does' },
  filter: {
    type: 'list',
    alias: 'f',
    describe: 'Show only what fits (stars, is-automated, is-official)',
    complete: 'none',
  },
  format: { type: 'string', describe: 'Print JSON or what a Go template says', complete: 'none' },
  limit: { type: 'number', valueName: 'int', describe: 'Show at most so many' },
  'list-tags': { type: 'boolean', describe: 'List the tags of a repository' },
  'no-trunc': { type: 'boolean', describe: 'Do not shorten descriptions' },
});

export default defineCommand({
  usage: 'search [options] TERM',
  describe: 'Search registry for image',
  long: 'Searches registries for repositories, or a repository for its tags.',
  flags,
  operands: {},
  examples: ['search --filter=is-official --limit 3 alpine', 'search registry.fedoraproject.org/'],
  async handler(args, context) {
    const [term] = args.operands;
    if (term === undefined || args.operands.length > 1) throw bad(`accepts 1 arg(s), received ${args.operands.length}`);
    if (args.listTags && args.filter.length > 0) throw bad('filters are not applicable to list tags result');
    const options = { ...remoteOptions(args), limit: args.limit ?? 0 };
    if (args.listTags) context.stdout(tagsText(await searchTags(context.engine, term, options), args));
    else context.stdout(resultsText(filtered(await searchImages(context.engine, term, options), args.filter), args));
  },
});

function resultsText(results: SearchResult[], { format, compatible, noTrunc }: Args<typeof flags>): string {
  if (results.length === 0) return '';
  const rows = results.map((row) => ({
    ...row,
    Description: shortened(row.Description, noTrunc || isJson(format ?? '')),
  }));
  const more: [string, string][] = [
    ['STARS', 'Stars'],
    ['OFFICIAL', 'Official'],
    ['AUTOMATED', 'Automated'],
  ];
  const table: [string, string][] = [['NAME', 'Name'], ['DESCRIPTION', 'Description'], ...(compatible ? more : [])];
  return formatRows({ rows, format, table, name: 'search' });
}

function tagsText(tags: { Name: string; Tag: string }[], { format }: Args<typeof flags>): string {
  const table: [string, string][] = [
    ['NAME', 'Name'],
    ['TAG', 'Tag'],
  ];
  if (!isJson(format ?? '')) return tags.length === 0 ? '' : formatRows({ rows: tags, format, table, name: 'search' });
  const names = Map.groupBy(tags, ({ Name }) => Name);
  return `${printJson([...names].map(([Name, list]) => ({ Name, Tags: list.map(({ Tag }) => Tag) })))}\n`;
}

function filtered(results: SearchResult[], filters: string[]): SearchResult[] {
  return filters.reduce((rows, filter) => {
    const [key, value = 'true'] = filter.split('=');
    const yes = value === 'true';
    if (key === 'stars') return rows.filter((row) => row.Stars >= Number(value));
    if (key === 'is-official') return rows.filter((row) => (row.Official !== '') === yes);
    if (key === 'is-automated') return rows.filter((row) => (row.Automated !== '') === yes);
    throw bad(`invalid filter type "${filter}"`);
  }, results);
}

function shortened(text: string, whole: boolean): string {
  const line = text.replaceAll('\n', ' ');
  return whole || line.length <= 44 ? line : `${line.slice(0, 44).trim()}...`;
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
