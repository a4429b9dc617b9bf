import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('broken command lines, control lines, packets and messages break nothing in the monitor', () => {
  const script = new URL('../../scripts/fuzz-monitor', import.meta.url).pathname;
  const output = execFileSync(script, ['3000', '1'], { encoding: 'utf8' });
  expect(output).toBe('3000 rounds from 1: nothing found\n');
});
