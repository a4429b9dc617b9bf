import { formatValue, goType, isStruct } from './value.ts';

/** fmt.Sprintf for the verbs that make sense in templates. */
export function sprintf(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])?/g,
    (match, flags: string, width?: string, precision?: string, verb?: string) => {
      if (verb === '%') return '%';
      if (verb === undefined) return '%!(NOVERB)';
      const take = (text: string | undefined) =>
        text === '*' ? Number(args[next++]) : text === undefined ? undefined : Number(text);
      const spec: Spec = {
        flags,
        width: take(width),
        precision: match.includes('.') ? (take(precision) ?? 0) : undefined,
        verb,
      };
      if (next >= args.length) return `%!${verb}(MISSING)`;
      return pad(convert(args[next++], spec), spec);
    },
  );
  if (next >= args.length) return text;
  const extra = args.slice(next).map((value) => `${goType(value)}=${formatValue(value)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

interface Spec {
  flags: string;
  width: number | undefined;
  precision: number | undefined;
  verb: string;
}

function convert(value: unknown, spec: Spec): string {
  const { verb } = spec;
  if (verb === 'v')
    return spec.flags.includes('#') ? goSyntax(value) : formatValue(value ?? null, spec.flags.includes('+'));
  if (verb === 'T') return goType(value);
  if (Array.isArray(value)) return `[${value.map((item) => convert(item, spec)).join(' ')}]`;
  if (typeof value === 'number' || typeof value === 'bigint') return convertNumber(Number(value), spec);
  if (typeof value === 'boolean') return verb === 't' ? String(value) : bad(value, verb);
  if (verb === 's') return cut(formatValue(value ?? null), spec.precision);
  if (typeof value !== 'string') return value === null || value === undefined ? `%!${verb}(<nil>)` : bad(value, verb);
  if (verb === 'q') return JSON.stringify(value);
  if (verb === 'x') return Buffer.from(value).toString('hex');
  if (verb === 'X') return Buffer.from(value).toString('hex').toUpperCase();
  return bad(value, verb);
}

function convertNumber(value: number, spec: Spec): string {
  const { flags, precision, verb } = spec;
  const sign = value >= 0 && flags.includes('+') ? '+' : value >= 0 && flags.includes(' ') ? ' ' : '';
  if ('feEgG'.includes(verb)) return sign + convertFloat(value, verb, precision);
  if (!Number.isInteger(value)) return bad(value, verb);
  switch (verb) {
    case 'd':
      return sign + String(BigInt(value));
    case 'c':
      return String.fromCodePoint(value);
    case 'q':
      return `'${String.fromCodePoint(value)}'`;
    case 'U':
      return `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
    case 'x':
    case 'X': {
      const hex = `${flags.includes('#') ? '0x' : ''}${value.toString(16)}`;
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    case 'o':
      return value.toString(8);
    case 'b':
      return value.toString(2);
    default:
      return bad(value, verb);
  }
}

function convertFloat(value: number, verb: string, precision: number | undefined): string {
  if (verb === 'f') return value.toFixed(precision ?? 6);
  const text =
    verb === 'e' || verb === 'E'
      ? value.toExponential(precision ?? 6)
      : precision === undefined
        ? String(value)
        : String(Number(value.toPrecision(Math.max(1, precision))));
  const exponent = text.replace(/e([+-])(\d)$/, 'e$10$2');
  return verb === 'E' || verb === 'G' ? exponent.toUpperCase() : exponent;
}

/** `%!d(string=x)`: what fmt prints for a verb that does not fit. */
function bad(value: unknown, verb: string): string {
  return `%!${verb}(${goType(value)}=${formatValue(value)})`;
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function pad(text: string, spec: Spec): string {
  const missing = (spec.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (spec.flags.includes('-')) return text + ' '.repeat(missing);
  if (!spec.flags.includes('0') || spec.verb === 's' || spec.verb === 'v') return ' '.repeat(missing) + text;
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

function goSyntax(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `${goType(value)}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value !== 'object' || value === null) return formatValue(value ?? null);
  const quote = isStruct(value) ? (key: string) => key : (key: string) => JSON.stringify(key);
  const fields = Object.entries(value).map(([key, item]) => `${quote(key)}:${goSyntax(item)}`);
  return `${goType(value)}{${fields.join(', ')}}`;
}
