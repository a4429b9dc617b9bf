/** YAML as Go's yaml.Marshal prints JSON-like data: keys sorted, two spaces, lists not indented. Ends with a newline. */
export function toYaml(value: unknown): string {
  return isBranch(value) ? branch(value, '').join('\n').concat('\n') : `${scalar(value, '')}\n`;
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function branch(value: object, indent: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => listItem(item, indent));
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, item]) => {
      const name = `${indent}${scalar(key, indent)}:`;
      if (!isBranch(item)) return [`${name} ${scalar(item, indent)}`];
      return [name, ...branch(item, Array.isArray(item) ? indent : `${indent}  `)];
    });
}

function listItem(item: unknown, indent: string): string[] {
  if (!isBranch(item)) return [`${indent}- ${scalar(item, indent)}`];
  const [first = '', ...rest] = branch(item, `${indent}  `);
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
}

function scalar(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object') return '{}';
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n')) return block(value, indent);
  return plainText(value);
}

/** A literal block; `|-` when no newline ends it. */
function block(text: string, indent: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  const header = text.endsWith('\n') ? '|' : '|-';
  return [header, ...lines.map((line) => (line === '' ? '' : `${indent}  ${line}`))].join('\n');
}

/** Quotes what would read as something else than the same string. */
function plainText(text: string): string {
  const other =
    /^(true|false|yes|no|on|off|y|n|null|~|)$/i.test(text) ||
    /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$|^\d{4}-\d\d-\d\d|^0[xo][\da-f]+$/i.test(text);
  if (other) return JSON.stringify(text);
  const special = /^[-?:,[\]{}#&*!|>'"%@` ]|: |:$| #|\s$/.test(text) && !/^[-?:][^\s]/.test(text);
  return special ? `'${text.replaceAll("'", "''")}'` : text;
}
