import { expect, test } from 'vitest';
import { suggest } from '../../src/cli/suggest.ts';

const names = ['image', 'images', 'info', 'pod', 'ps', 'run', 'top'];

test.each([
  ['imags', ['image', 'images']],
  ['foo', ['pod', 'top']],
  ['RUM', ['run']],
  ['nosuchcommand', []],
])('%s is near %j', (word, near) => {
  expect(suggest(word, names)).toEqual(near);
});
