import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { warmCgroups } from '../../src/system/cgroup-warm.ts';

test('warming moves no process anywhere', async () => {
  const before = readFileSync('/proc/self/cgroup', 'utf8');
  warmCgroups(40);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(readFileSync('/proc/self/cgroup', 'utf8')).toBe(before);
});
