import { expect, test } from 'vitest';
import { parseBoundedJson } from '../../src/oci/bounded-json.ts';

const withKeys = (count: number, colon = ':') =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}"${colon}0`).join(',')}}`;

test('JSON with as many keys as a large manifest has is read', () => {
  expect(Object.keys(parseBoundedJson(withKeys(20_000)) as object)).toHaveLength(20_000);
});

test.each([':', ' :', '\n:'])('JSON with more keys than anybody needs is refused before it is read (%j)', (colon) => {
  expect(() => parseBoundedJson(withKeys(20_001, colon))).toThrow('more than 20000 keys');
});

test('long values with colons are no keys', () => {
  const text = JSON.stringify({ script: 'a:b'.repeat(200_000) });
  expect(parseBoundedJson(text)).toEqual(JSON.parse(text));
});
