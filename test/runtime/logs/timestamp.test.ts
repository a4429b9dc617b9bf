import { expect, test } from 'vitest';
import { parseInputTime, parseTimestamp, printedTimestamp } from '../../../src/runtime/logs/timestamp.ts';

const base = BigInt(Date.UTC(2024, 4, 1, 10)) * 1_000_000n;
const now = Date.UTC(2024, 4, 1, 10);

test('timestamps have nanoseconds and zones', () => {
  expect(parseTimestamp('2024-05-01T10:00:00Z')).toBe(base);
  expect(parseTimestamp('2024-05-01T10:00:00.000000001Z')).toBe(base + 1n);
  expect(parseTimestamp('2024-05-01T10:00:00,5+00:00')).toBe(base + 500_000_000n);
  expect(parseTimestamp('2024-05-01T12:30:00.5+02:30')).toBe(base + 500_000_000n);
  expect(parseTimestamp('2024-05-01')).toBeNull();
  expect(parseTimestamp('2024-13-01T10:00:00Z')).toBeNull();
});

test.each([
  ['1h', base - 3_600_000_000_000n],
  ['1m30s', base - 90_000_000_000n],
  ['2024-05-01', base - 36_000_000_000_000n],
  ['2024-05-01T10:00:00', base],
  ['2024-05-01T10:00:00.25', base + 250_000_000n],
  ['2024-05-01T12:00:00+02:00', base],
  ['2024-05-01+02:00', base - 43_200_000_000_000n],
  ['1714557600', base],
  ['1714557600.5', base + 500_000_000n],
])('%s is a time', (text, expected) => {
  expect(parseInputTime(text, false, now)).toBe(expected);
});

test('a duration for --until lies ahead', () => {
  expect(parseInputTime('10s', true, now)).toBe(base + 10_000_000_000n);
});

test.each(['', 'yesterday', '2024-05', '5x'])('"%s" is refused', (text) => {
  expect(() => parseInputTime(text)).toThrow('unable to interpret time value');
});

test('printed timestamps have nine digits, and Z for UTC', () => {
  expect(printedTimestamp('2024-05-01T10:00:00.123456789+00:00')).toBe('2024-05-01T10:00:00.123456789Z');
  expect(printedTimestamp('2024-05-01T10:00:00.5+02:00')).toBe('2024-05-01T10:00:00.500000000+02:00');
  expect(printedTimestamp('2024-05-01T10:00:00Z')).toBe('2024-05-01T10:00:00.000000000Z');
});
