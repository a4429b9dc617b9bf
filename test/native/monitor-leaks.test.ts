/** scripts/valgrind-monitor runs this with more rounds. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { built, isSanitizedBuild, MonitorRun, until } from './monitor-harness.ts';

const rounds = Number(process.env['TSPOD_ATTACH_ROUNDS'] ?? 300);
const hasValgrind = !isSanitizedBuild && spawnSync('valgrind', ['--version']).status === 0;
const patience = 60_000 + rounds * 50;
let run: MonitorRun;
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

test.skipIf(isSanitizedBuild)(
  'clients that come and go leave neither memory nor descriptors behind',
  { timeout: patience },
  async () => {
    await start(built);
    const pid = await run.pid();
    await attachAndDetach(200); // buffers have their size then
    const before = [residentKb(pid), readdirSync(`/proc/${pid}/fd`).length];
    await attachAndDetach(rounds);
    await until(() => readdirSync(`/proc/${pid}/fd`).length <= (before[1] ?? 0));
    expect(residentKb(pid) - (before[0] ?? 0)).toBeLessThan(200);
  },
);

test.skipIf(!hasValgrind)('valgrind finds no leak and no error', { timeout: patience }, async () => {
  const log = `${run.dir}/valgrind`;
  const wrapper = `${run.dir}/conmon`;
  // The log's path points into a copy of its option, which valgrind would call possibly lost.
  const check = '--leak-check=full --show-leak-kinds=definite,indirect';
  writeFileSync(wrapper, `#!/bin/sh\nexec valgrind -q ${check} --log-file=${log}.%p ${built} "$@"\n`);
  chmodSync(wrapper, 0o755);
  await start(wrapper);
  await attachAndDetach(rounds);
  const last = run.connect();
  await last.write(Buffer.from('end\n'));
  await run.end();
  await run.gone();
  const logs = readdirSync(run.dir).filter((name) => name.startsWith('valgrind.'));
  expect(logs.length).toBeGreaterThan(1); // the starter's and the monitor's
  expect(logs.map((name) => readFileSync(`${run.dir}/${name}`, 'utf8')).join('')).toBe('');
});

async function start(monitor: string): Promise<void> {
  const echo = 'while read line; do [ $line = end ] && exit 0; echo $line; done';
  run.start(echo, { monitor, stdin: true, args: ['--leave-stdin-open'] });
  await run.report();
}

/** Each client sees its line come back, then goes: in turns by half-closing first, or at once. */
async function attachAndDetach(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const client = run.connect();
    const answered = new Promise<void>((resolve) => client.onPacket(() => resolve()));
    await client.write(Buffer.from(`${i}\n`));
    await answered;
    if (i % 2 === 0) client.shutdownWrite();
    client.close();
  }
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
