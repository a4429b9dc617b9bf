import { defineCommand } from '../cli/command.ts';
import { formatRows, goJson, isJson } from '../cli/format.ts';
import { type HistoryStep, imageHistory } from '../image/history.ts';
import { HistoryRow } from './history-row.ts';

export default defineCommand({
  usage: 'history [options] IMAGE',
  describe: 'Show history of a specified image',
  long: 'Shows the steps in which an image was built, newest first.',
  flags: {
    format: { type: 'string', describe: 'Print JSON or what a Go template says', complete: 'none' },
    human: { type: 'boolean', alias: 'H', default: true, describe: 'Sizes and times for people' },
    'no-trunc': { type: 'boolean', aliases: ['notruncate'], describe: 'Do not shorten ids and commands' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print only ids' },
  },
  operands: { min: 1, max: 1, complete: 'images' },
  examples: ['history quay.io/fedora/fedora'],
  handler({ operands: [name = ''], format, human, noTrunc, quiet }, context) {
    const steps = imageHistory(context.engine, name);
    if (format && isJson(format)) return context.stdout(`${jsonText(steps)}\n`);
    const rows = steps.map((step) => new HistoryRow(step, { human, trunc: !noTrunc }));
    if (quiet) return context.stdout(rows.map((row) => `${row.ID}\n`).join(''));
    const table: [string, string][] = [
      ['ID', 'ID'],
      ['CREATED', 'Created'],
      ['CREATED BY', 'CreatedBy'],
      ['SIZE', 'Size'],
      ['COMMENT', 'Comment'],
    ];
    context.stdout(formatRows({ rows, format, table, name: 'history' }));
  },
});

/** One line, as Podman prints it, the odd mixture of names included; Go escapes `<` and `>`. */
function jsonText(steps: HistoryStep[]): string {
  const layers = steps.map(({ id, created, createdBy, tags, size, comment }) => ({
    id,
    created,
    CreatedBy: createdBy,
    ...(tags.length > 0 ? { tags } : {}),
    size,
    ...(comment ? { comment } : {}),
    Created: created.replace(/\.\d+/, ''),
  }));
  return goJson(layers).replace(/[<>&]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}
