import { describe, expect, test } from 'vitest';
import { formatRows, isJson, normalize } from '../../src/cli/format.ts';
import { goJson, printJson } from '../../src/cli/json.ts';
import { alignColumns } from '../../src/cli/tabwriter.ts';

const rows = [
  { ID: 'c0ffee', Names: 'web', CreatedAt: 'now', Size: () => '1kB' },
  { ID: 'bad', Names: 'a-very-long-name-of-a-container', CreatedAt: 'then', Size: () => '2MB' },
];
const table = [
  ['CONTAINER ID', 'ID'],
  ['NAMES', 'Names'],
] as const;

describe('listings', () => {
  test('the table has columns of at least twelve characters and no blanks after the last one', () => {
    expect(formatRows({ rows, table })).toBe(
      'CONTAINER ID  NAMES\nc0ffee        web\nbad           a-very-long-name-of-a-container\n',
    );
    expect(formatRows({ rows: [], table })).toBe('CONTAINER ID  NAMES\n');
    expect(formatRows({ rows, table, noHeading: true }).split('\n')[0]).toBe('c0ffee      web');
  });

  test('a template is printed for each row', () => {
    expect(formatRows({ rows, table, format: '{{.ID}}\\t{{.Size}}' })).toBe('c0ffee\t1kB\nbad\t2MB\n');
    expect(formatRows({ rows: [], table, format: '{{.ID}}' })).toBe('');
    expect(formatRows({ rows, table, format: '{{range .}}{{.ID}} {{end}}' })).toBe('c0ffee bad \n');
  });

  test('a table template has headings, and blanks between fields are columns', () => {
    expect(formatRows({ rows, table, format: 'table {{.ID}} {{.CreatedAt}}' })).toBe(
      'CONTAINER ID  CREATED AT\nc0ffee        now\nbad           then\n',
    );
    expect(formatRows({ rows, table, format: 'table {{.ID}}\\t{{.Size}}', headings: { Size: 'BYTES' } })).toBe(
      'CONTAINER ID  BYTES\nc0ffee        1kB\nbad           2MB\n',
    );
    expect(formatRows({ rows, table, format: 'table {{.ID}}', noHeading: true })).toBe('c0ffee\nbad\n');
  });

  test('json prints the rows, or what they stand for', () => {
    expect(JSON.parse(formatRows({ rows, table, format: 'json', toJson: ({ ID }) => ({ Id: ID }) }))).toEqual([
      { Id: 'c0ffee' },
      { Id: 'bad' },
    ]);
    expect(formatRows({ rows: [], table, format: 'json' })).toBe('[]\n');
  });

  test('a mistake in a template names the command', () => {
    expect(() => formatRows({ rows, table, format: '{{.Nope}}', name: 'ps' })).toThrow(
      /^template: ps:1:13: executing "ps" at <.Nope>: can't evaluate field Nope/,
    );
  });
});

test.each(['json', ' json ', '{{json}}', '{{ json. }}'])('%j asks for JSON', (format) => {
  expect(isJson(format)).toBe(true);
});

test.each(['{{json .}}', 'jsonx', ''])('%j does not', (format) => {
  expect(isJson(format)).toBe(false);
});

test('backslash escapes of the command line are replaced and one newline ends the text', () => {
  expect(normalize('a\\tb\\nc')).toBe('a\tb\nc\n');
  expect(normalize('a\n')).toBe('a\n');
});

describe('columns', () => {
  test('end where a line has no such cell', () => {
    expect(alignColumns('a\tb\nlonger than twelve\tc\n\nx\ty\n')).toBe(
      'a                   b\nlonger than twelve  c\n\nx           y\n',
    );
  });

  test('are counted in characters, not bytes', () => {
    expect(alignColumns('äöü\tb\n')).toBe('äöü         b\n');
  });
});

describe('JSON as Go writes it', () => {
  test('keeps what HTML would escape, unless asked', () => {
    expect(goJson({ a: '<&>\u2028' })).toBe('{"a":"<&>\\u2028"}');
    expect(printJson({ a: '<' }, { indent: '  ', escapeHtml: true })).toBe('{\n  "a": "\\u003c"\n}');
  });

  test('indents by four and keeps empty lists on one line', () => {
    expect(printJson([{ a: [], b: {} }])).toBe('[\n    {\n        "a": [],\n        "b": {}\n    }\n]');
    expect(printJson(undefined)).toBe('null');
  });
});
