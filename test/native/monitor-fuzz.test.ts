import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('broken command lines, control lines, packets and messages break nothing in the monitor', () => {
  const script = new URL('../../scripts/fuzz-monitor', import.meta.url).pathname;
  const output = execFileSync(script, ['1500', '1'], { encoding: 'utf8' });
  expect(output).toBe('1500 rounds from 1: nothing found\n');
});
