/** `scripts/bench monitor`: our monitor and conmon in turns, around a runtime of a few lines, without an engine. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { built } from '../test/native/monitor-harness.ts';
import { median } from './measure.ts';
import { type MonitorCase, monitorCases } from './monitor-cases.ts';

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string', multiple: true, default: ['conmon'] },
    only: { type: 'string', default: '.' },
    runs: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const page = resolve(import.meta.dirname, '../docs/monitor.md');
const [begin, end] = ['<!-- bench: begin -->', '<!-- bench: end -->'];
const programs = [built, ...options.peer.map((name) => execFileSync('which', [name], { encoding: 'utf8' }).trim())];

const rows: string[] = [];
for (const entry of monitorCases) {
  if (!new RegExp(options.only).test(entry.name)) continue;
  const row = rowOf(entry, await figures(entry));
  process.stderr.write(`${row}\n`);
  rows.push(row);
}
const text = [...head(), ...rows].join('\n');
process.stdout.write(`${text}\n`);
if (options.write) {
  const [before = '', rest = ''] = readFileSync(page, 'utf8').split(begin);
  writeFileSync(page, `${before}${begin}\n${text}\n${end}${rest.split(end)[1] ?? ''}`);
}

/** Medians, one a program. */
async function figures(entry: MonitorCase): Promise<number[]> {
  const values: number[][] = programs.map(() => []);
  const runs = options.runs === undefined ? entry.runs : Number(options.runs);
  for (let run = 0; run < runs; run++) {
    for (const [index, program] of programs.entries()) values[index]?.push(await entry.measure(program));
  }
  return values.map(median);
}

function head(): string[] {
  const names = programs.map((program, index) => (index === 0 ? 'here' : versionOf(program)));
  const columns = [...names, 'ratio', 'target'];
  return [
    `${cpus().length} cores, medians of runs taken in turns; the log is in memory. Ratio and target are against the first conmon.`,
    '',
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---:|').join('')}`,
  ];
}

function rowOf({ name, unit, digits, target }: MonitorCase, values: number[]): string {
  const ratio = (values[0] ?? Number.NaN) / (values[1] ?? Number.NaN);
  const cells = values.map((value) => `${value.toFixed(digits)} ${unit}`);
  return `| ${[name, ...cells, ratio.toFixed(2), target].join(' | ')} |`;
}

function versionOf(program: string): string {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0]?.replace(' version', '') ?? program;
}
