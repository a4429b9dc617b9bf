/** What is measured of a monitor. Each measure starts its own, and leaves nothing behind. */
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { MonitorRun } from '../test/native/monitor-harness.ts';
import { median } from './measure.ts';

export interface MonitorCase {
  name: string;
  unit: string;
  digits: number;
  target: string;
  runs: number;
  measure(program: string): Promise<number>;
}

const flood = { line: `${'x'.repeat(79)}\n`, lines: 1_250_000, repeat: 10 };
const short = { line: '123456789\n', lines: 1_000_000, repeat: 5 };

export const monitorCases: MonitorCase[] = [
  { name: 'CPU for 1 GB of 80-byte lines', unit: 's', digits: 2, target: '0.40', runs: 3, measure: floodOf('cpu') },
  { name: 'time for 1 GB of 80-byte lines', unit: 's', digits: 2, target: '0.50', runs: 3, measure: floodOf('wall') },
  { name: 'short lines (10 bytes) a second', unit: '/s', digits: 0, target: '1000000 /s', runs: 3, measure: shortRate },
  { name: 'attach: a line there and back, p50', unit: 'µs', digits: 0, target: '1.00', runs: 9, measure: roundTrip },
  { name: 'PSS, each of 10 idle ones', unit: 'kB', digits: 0, target: '0.60', runs: 1, measure: (p) => pss(p, 10) },
  { name: 'PSS, 200 together', unit: 'kB', digits: 0, target: '60000 kB', runs: 1, measure: pssTogether },
];

type Lines = typeof flood;

function floodOf(what: 'cpu' | 'wall'): (program: string) => Promise<number> {
  return async (program) => (await logged(program, flood))[what];
}

async function shortRate(program: string): Promise<number> {
  return (short.lines * short.repeat) / (await logged(program, short)).wall;
}

/** Seconds until the log has it all, and CPU seconds of the monitor alone. */
async function logged(program: string, { line, lines, repeat }: Lines): Promise<{ cpu: number; wall: number }> {
  const folder = mkdtempSync('/dev/shm/tspod-bench-');
  const run = new MonitorRun();
  try {
    writeFileSync(`${folder}/lines`, line.repeat(lines));
    const loop = `i=0; while [ $i -lt ${repeat} ]; do cat ${folder}/lines; i=$((i+1)); done`;
    const payload = `read go; ${loop}; echo finished; sleep 1000`;
    const args = ['--leave-stdin-open'];
    run.start(payload, { monitor: program, stdin: true, log: `k8s-file:${folder}/log`, args });
    await run.report();
    const pid = await run.pid();
    const [start, cpuBefore] = [process.hrtime.bigint(), cpuSeconds(pid)];
    const client = run.connect();
    await client.write(Buffer.from('go\n'));
    client.close();
    while (!endsWith(`${folder}/log`, 'finished\n')) await sleep(5);
    return { wall: Number(process.hrtime.bigint() - start) / 1e9, cpu: cpuSeconds(pid) - cpuBefore };
  } finally {
    await run.cleanUp();
    rmSync(folder, { recursive: true });
  }
}

function endsWith(path: string, text: string): boolean {
  const fd = openSync(path, 'r');
  const bytes = Buffer.alloc(text.length);
  readSync(fd, bytes, 0, bytes.length, Math.max(0, fstatSync(fd).size - bytes.length));
  closeSync(fd);
  return bytes.toString() === text;
}

async function roundTrip(program: string): Promise<number> {
  const run = new MonitorRun();
  try {
    run.start('exec cat', { monitor: program, stdin: true });
    await run.report();
    const client = run.connect();
    let answered = (): void => undefined;
    client.onPacket(() => answered());
    const times: number[] = [];
    for (let i = 0; i < 3000; i++) {
      const start = process.hrtime.bigint();
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      await client.write(Buffer.from('hello\n'));
      await answer;
      times.push(Number(process.hrtime.bigint() - start) / 1e3);
    }
    return median(times);
  } finally {
    await run.cleanUp();
  }
}

async function pssTogether(program: string): Promise<number> {
  return (await pss(program, 200)) * 200;
}

/** Kilobytes of each of so many monitors whose containers do nothing. */
async function pss(program: string, count: number): Promise<number> {
  const runs = Array.from({ length: count }, () => new MonitorRun());
  try {
    for (const run of runs) {
      run.start('exec sleep 1000', { monitor: program });
      await run.report();
    }
    await sleep(1500); // buffers of the start are given back
    const sizes = await Promise.all(runs.map(async (run) => pssOf(await run.pid())));
    return sizes.reduce((sum, size) => sum + size, 0) / count;
  } finally {
    for (const run of runs) await run.cleanUp();
  }
}

function pssOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
}

const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}
