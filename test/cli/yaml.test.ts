import { describe, expect, test } from 'vitest';
import { toYaml } from '../../src/cli/yaml.ts';

test('keys are sorted, lists are not indented, texts of several lines are blocks', () => {
  const data = { b: ['x', { k: 1, j: null }], a: { version: 'one\ntwo', text: 'one\n', empty: {}, none: [] } };
  expect(toYaml(data)).toBe(`a:
  empty: {}
  none: []
  text: |
    one
  version: |-
    one
    two
b:
- x
- j: null
  k: 1
`);
});

describe('texts that would be read as something else are quoted', () => {
  test.each([
    ['true', '"true"'],
    ['12', '"12"'],
    ['1.5', '"1.5"'],
    ['', '""'],
    ['null', '"null"'],
    ['2026-01-02', '"2026-01-02"'],
    ['5.8.2', '5.8.2'],
    ['a: b', "'a: b'"],
    ["'q'", "'''q'''"],
    ['- x', "'- x'"],
    ['-x', '-x'],
    ['/path/x', '/path/x'],
    ['0h 1m 2.00s', '0h 1m 2.00s'],
  ])('%j', (text, yaml) => {
    expect(toYaml(text)).toBe(`${yaml}\n`);
  });
});
