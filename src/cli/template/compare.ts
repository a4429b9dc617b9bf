import { goType } from './value.ts';

/** eq ne lt le gt ge, with Go's rule that kinds must agree. */
export const compareFunctions = {
  eq(first: unknown, ...others: unknown[]): boolean {
    if (others.length === 0) throw new Error('missing argument for comparison');
    return others.some((other) => equal(first, other));
  },
  ne: (first: unknown, second: unknown) => !equal(first, second),
  lt: (first: unknown, second: unknown) => order(first, second) < 0,
  le: (first: unknown, second: unknown) => order(first, second) <= 0,
  gt: (first: unknown, second: unknown) => order(first, second) > 0,
  ge: (first: unknown, second: unknown) => order(first, second) >= 0,
};

type Basic = string | number | bigint | boolean;

function equal(first: unknown, second: unknown): boolean {
  if (first === null || first === undefined || second === null || second === undefined) {
    return (first ?? null) === (second ?? null);
  }
  const [a, b] = basics(first, second);
  return a === b;
}

function order(first: unknown, second: unknown): number {
  const [a, b] = basics(first, second);
  if (typeof a === 'boolean') throw new Error('invalid type for comparison');
  return a < b ? -1 : a > b ? 1 : 0;
}

function basics(first: unknown, second: unknown): [Basic, Basic] {
  const pair: [Basic, Basic] = [basic(first), basic(second)];
  if (typeof pair[0] === typeof pair[1]) return pair;
  throw new Error(`incompatible types for comparison: ${goType(first)} and ${goType(second)}`);
}

/** Numbers and anything that prints itself compare by value. */
function basic(value: unknown): Basic {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (
    typeof value === 'object' &&
    value !== null &&
    value.toString !== Object.prototype.toString &&
    !Array.isArray(value)
  ) {
    return String(value);
  }
  throw new Error(`non-comparable type ${goType(value)}`);
}
