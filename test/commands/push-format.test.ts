import { expect, test } from 'vitest';
import { compressionOf } from '../../src/commands/push-format.ts';

const defaults = { compressionFormat: 'zstd', compressionLevel: 12 };

test('containers.conf chooses the compression where the line does not, and forces nothing', () => {
  expect(compressionOf({ given: new Set() }, defaults)).toEqual({
    encoding: { compression: 'zstd', level: 12 },
    forceCompression: false,
  });
  const line = { given: new Set(['compression-format']), compressionFormat: 'gzip', compressionLevel: 3 };
  expect(compressionOf(line, defaults)).toEqual({
    encoding: { compression: 'gzip', level: 3 },
    forceCompression: true,
  });
  expect(() => compressionOf({ given: new Set(), compressionFormat: 'gzip' }, defaults)).toThrow('not from 1 to 9');
});
