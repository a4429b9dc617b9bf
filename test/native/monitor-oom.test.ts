import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildSanitized, MonitorRun } from './monitor-harness.ts';

let run: MonitorRun;
const limit = 20 << 20;
const cgroup = makeCgroup();
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(async () => {
  await run.cleanUp();
  for (let i = 0; i < 100 && cgroup !== null && existsSync(cgroup) && !remove(cgroup); i++) await sleep(20);
});

test.skipIf(cgroup === null)(
  'when the kernel kills for lack of memory, the bundle and the persist folder say so',
  async () => {
    const greedy = 'head -c 100000000 /dev/zero | tail -c 60000000 > /dev/null; sleep 0.1; exit 5';
    run.start(greedy, { env: { BEFORE: `echo $$ > ${cgroup}/cgroup.procs` } });
    await run.end();
    expect(run.exitFile()).toBe('5');
    for (const path of [`${run.bundle}/oom`, `${run.dir}/persist/oom`]) expect(readFileSync(path, 'utf8')).toBe('');
  },
);

test('a container that is killed otherwise leaves no such mark', async () => {
  run.start('kill -9 $$');
  await run.end();
  expect(run.exitFile()).toBe('137');
  expect(existsSync(`${run.bundle}/oom`)).toBe(false);
  expect(existsSync(`${run.dir}/persist/oom`)).toBe(false);
});

/** A cgroup with 20 MB and no swap, of either version; null where we may make none. */
function makeCgroup(): string | null {
  const legacy = existsSync('/sys/fs/cgroup/memory/cgroup.procs');
  const folder = `/sys/fs/cgroup/${legacy ? 'memory/' : ''}tspod-oom-${process.pid}`;
  try {
    mkdirSync(folder);
    const names = legacy ? ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'] : ['memory.max', 'memory.swap.max'];
    writeFileSync(`${folder}/${names[0]}`, String(limit));
    if (existsSync(`${folder}/${names[1]}`)) writeFileSync(`${folder}/${names[1]}`, String(legacy ? limit : 0));
    return folder;
  } catch {
    remove(folder);
    return null;
  }
}

function remove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}
