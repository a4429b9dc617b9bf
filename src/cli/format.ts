import { printJson } from './json.ts';
import { printable } from './printable.ts';
import { alignColumns } from './tabwriter.ts';
import type { Functions } from './template/evaluate.ts';
import { compileTemplate } from './template.ts';

export { goJson, printJson } from './json.ts';

export interface RowsFormat<Row> {
  rows: readonly Row[];
  /** What --format was given; undefined or '' is the table. */
  format?: string | undefined;
  /** Headings and fields of the table, in order. A field is a property or method of a row. */
  table: readonly (readonly [heading: string, field: string])[];
  /** Headings of further fields for `--format 'table {{.X}}'`; others are the field's name in capitals. */
  headings?: Readonly<Record<string, string>>;
  noHeading?: boolean;
  /** The command's name in template errors. */
  name?: string;
  /** What `--format json` prints for a row, when it is not the row itself. */
  toJson?: (row: Row) => unknown;
  functions?: Functions;
}

/**
 * The text that a listing command prints, final newline included: the table, `json`, `table TEMPLATE` with headings,
 * or a template for each row.
 *
 * @throws BAD_ARGUMENT for a template that does not parse or names an unknown field
 */
export function formatRows<Row>(options: RowsFormat<Row>): string {
  const { rows, format = '' } = options;
  if (isJson(format)) return `${printJson(rows.map((row) => (options.toJson ? options.toJson(row) : row)))}\n`;
  if (format === '' || format === 'table') return plainTable(options);
  const isTable = format.startsWith('table ');
  const render = compileRows(options, isTable ? spacesToTabs(format.slice('table '.length)) : format);
  if (!isTable) return render(rows);
  const heading = options.noHeading ? '' : render([headingRow(options, format)]);
  return alignColumns(heading + render(rows));
}

/** `json` or `{{json}}`, `{{json .}}` on its own. */
export function isJson(format: string): boolean {
  return /^\s*(json|\{\{\s*json\.?\s*\}\})\s*$/.test(format);
}

/** `\t` and `\n` typed as two characters become the character; one newline ends the text. */
export function normalize(format: string): string {
  const text = format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  return text.endsWith('\n') ? text : `${text}\n`;
}

function plainTable<Row>(options: RowsFormat<Row>): string {
  const lines = options.rows.map((row) => options.table.map(([, field]) => cellText(row, field)).join('\t'));
  if (!options.noHeading) lines.unshift(options.table.map(([heading]) => heading).join('\t'));
  return lines.length === 0 ? '' : alignColumns(`${lines.join('\n')}\n`);
}

function cellText(row: unknown, field: string): string {
  const value = (row as Record<string, unknown>)[field];
  const result: unknown = typeof value === 'function' ? value.call(row) : value;
  return result === undefined || result === null ? '' : printable(String(result));
}

/** Escapes typed as two characters are replaced; where that breaks the template it is taken as it is. */
function compileRows<Row>(options: RowsFormat<Row>, text: string): (data: unknown) => string {
  const settings = { name: options.name ?? 'format', functions: options.functions ?? {} };
  try {
    return compileTemplate(rangeTemplate(normalize(text)), settings);
  } catch {
    return compileTemplate(rangeTemplate(text), settings);
  }
}

/** After `table `, spaces between actions separate columns too. */
function spacesToTabs(text: string): string {
  return text.replace(/\{\{[\s\S]*?\}\}| /g, (piece) => (piece === ' ' ? '\t' : piece));
}

function rangeTemplate(text: string): string {
  return /\{\{\s*range\s*\.\s*\}\}[\s\S]*\{\{\s*end\s*-?\s*\}\}/.test(text) ? text : `{{range .}}${text}{{end -}}`;
}

/** A row in which every field is its own heading. */
function headingRow<Row>(options: RowsFormat<Row>, format: string): Record<string, string> {
  const row: Record<string, string> = {};
  for (const match of format.matchAll(/\.([A-Za-z_]\w*)/g)) row[match[1] ?? ''] = spaced(match[1] ?? '');
  for (const [heading, field] of options.table) row[field] = heading;
  return { ...row, ...options.headings };
}

/** `CreatedAt` to `CREATED AT`. */
function spaced(name: string): string {
  return name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toUpperCase();
}
