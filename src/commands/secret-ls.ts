import { defineCommand } from '../cli/command.ts';
import { formatRows, isJson, printJson } from '../cli/format.ts';
import { humanDuration } from '../cli/units.ts';
import { TspodError } from '../errors.ts';
import { type SecretRecord, Secrets } from '../storage/secrets.ts';

export default defineCommand({
  usage: 'ls [options]',
  describe: 'List secrets',
  flags: {
    filter: { type: 'list', alias: 'f', describe: 'Filter secret output', valueName: 'stringArray' },
    format: { type: 'string', describe: 'Format secret output using Go template', complete: 'none' },
    noheading: { type: 'boolean', alias: 'n', describe: 'Do not print headers' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print secret IDs only' },
  },
  examples: ['secret ls', 'secret ls --format "{{.Name}}"'],

  handler({ filter, format, noheading, quiet }, { engine, stdout }) {
    const fits = filter.map(predicate);
    const rows = new Secrets(engine.paths.graphRoot)
      .list()
      .filter((secret) => fits.length === 0 || fits.some((accepts) => accepts(secret)))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(row);
    if (quiet && format === undefined) return stdout(rows.map(({ ID }) => `${ID}\n`).join(''));
    if (format && isJson(format)) return stdout(`${printJson(rows, { indent: '  ' })}\n`);
    const headings = { CreatedAt: 'CREATED', UpdatedAt: 'UPDATED' };
    stdout(formatRows({ rows, format: format ?? '', table, noHeading: noheading, headings, name: 'ls' }));
  },
});

const table = [
  ['ID', 'ID'],
  ['NAME', 'Name'],
  ['DRIVER', 'Driver'],
  ['CREATED', 'CreatedAt'],
  ['UPDATED', 'UpdatedAt'],
] as const;

function row({ id, name, driver, createdAt, updatedAt }: SecretRecord) {
  const ago = (time: string) => `${humanDuration(Date.now() - Date.parse(time))} ago`;
  return { ID: id, Name: name, Driver: driver, CreatedAt: ago(createdAt), UpdatedAt: ago(updatedAt) };
}

function predicate(filter: string): (secret: SecretRecord) => boolean {
  const at = filter.indexOf('=');
  const [key, value] = [filter.slice(0, Math.max(at, 0)), filter.slice(at + 1)];
  if (at < 0) {
    throw new TspodError('BAD_ARGUMENT', `invalid argument "${filter}" must be in the form of filter=value`);
  }
  if (key === 'name') return ({ name }) => name.includes(value);
  if (key === 'id') return ({ id }) => id.startsWith(value);
  throw new TspodError('BAD_ARGUMENT', `invalid filter "${key}"`);
}
