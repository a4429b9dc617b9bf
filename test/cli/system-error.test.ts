import { mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorText, exitCodeOf } from '../../src/cli/exit-code.ts';

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test('an error of the kernel is one line with call, path and reason', () => {
  const error = thrownBy(() => mkdirSync('/dev/null/store'));
  expect(errorText(error)).toBe('Error: mkdir /dev/null/store: not a directory\n');
  expect(exitCodeOf(error)).toBe(125);
});

test('a missing file names the file', () => {
  expect(errorText(thrownBy(() => readFileSync('/no/such/file')))).toBe(
    'Error: open /no/such/file: no such file or directory\n',
  );
});

test('a full disk says what to do', () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device, write '/x'"), {
    code: 'ENOSPC',
    syscall: 'write',
    path: '/x',
  });
  expect(errorText(error)).toMatch(/^Error: write \/x: no space left on device\nfree some space/);
});

test('anything else is a bug and brings its stack', () => {
  expect(errorText(new RangeError('nonsense'))).toMatch(/^Error: internal error: RangeError: nonsense\n {4}at /);
});
