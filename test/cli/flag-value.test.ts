import { describe, expect, test } from 'vitest';
import type { Flag } from '../../src/cli/flag.ts';
import { readValue, splitCsv } from '../../src/cli/flag-value.ts';

const read = (flag: Partial<Flag>, text: string) =>
  readValue({ type: 'string', describe: '', ...flag }, '--x', text, undefined);

describe('comma-separated lists', () => {
  test.each([
    ['a,b', ['a', 'b']],
    ['', []],
    ['a,', ['a', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""hi""",c', ['say "hi"', 'c']],
    ['""', ['']],
  ])('%s', (text, fields) => {
    expect(splitCsv(text)).toEqual(fields);
  });

  test('a quote in the middle of a field is a mistake', () => {
    expect(() => read({ type: 'csv' }, 'a"b')).toThrow(/invalid argument .* bare " in non-quoted-field/);
  });
});

describe('numbers', () => {
  test.each([
    ['int', '-5', -5],
    ['int', '+5', 5],
    ['int', '0x10', 16],
    ['float', '1.5', 1.5],
    ['float', '-.5e1', -5],
    ['uint', '0', 0],
  ])('%s %s', (valueName, text, value) => {
    expect(read({ type: 'number', valueName }, text)).toBe(value);
  });

  test.each([
    ['int', '', 'ParseInt: parsing "": invalid syntax'],
    ['int', '1 ', 'ParseInt: parsing "1 ": invalid syntax'],
    ['int', '99999999999999999999', 'ParseInt: parsing "99999999999999999999": value out of range'],
    ['float', 'NaNa', 'ParseFloat: parsing "NaNa": invalid syntax'],
  ])('%s refuses %j', (valueName, text, message) => {
    expect(() => read({ type: 'number', valueName }, text)).toThrow(message);
  });
});

test('a value that is not among the choices names them', () => {
  expect(() => read({ choices: ['id', 'size'] }, 'name')).toThrow(
    'invalid argument "name" for "--x" flag: "name" is not a valid value. Choose from: "id", "size"',
  );
});
