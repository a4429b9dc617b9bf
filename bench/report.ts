/** The Markdown table of one sitting, printed and, if asked, put between the marks in docs/performance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Floor } from './floors.ts';

export interface Row {
  name: string;
  own: number;
  peer: number;
  /** Ratio to reach. */
  target: number;
  unit: 'ms' | 'kB';
}

export interface Sitting {
  rows: Row[];
  floors: Floor[];
  versions: string[];
  cores: number;
  write: boolean;
}

const page = resolve(import.meta.dirname, '../docs/performance.md');
const [begin, end] = ['<!-- bench: begin -->', '<!-- bench: end -->'];

export function report(sitting: Sitting): void {
  const text = markdown(sitting);
  process.stdout.write(`${text}\n`);
  if (!sitting.write) return;
  const old = readFileSync(page, 'utf8');
  const [head = '', rest = ''] = old.split(begin);
  writeFileSync(page, `${head}${begin}\n${text}\n${end}${rest.split(end)[1] ?? ''}`);
}

function markdown({ rows, floors, versions, cores }: Sitting): string {
  const lines = [`${versions.join(' and ')}, ${cores} cores, medians of runs taken in turns.`, ''];
  lines.push('| case | tspod | Podman | ratio | target |', '|---|---:|---:|---:|---:|');
  for (const { name, own, peer, target, unit } of rows) {
    const ratio = own / peer;
    lines.push(
      `| ${name} | ${own.toFixed(0)} ${unit} | ${peer.toFixed(0)} ${unit} | ${ratio.toFixed(2)} | ${target.toFixed(2)} |`,
    );
  }
  lines.push('', '| the bare floor | |', '|---|---:|');
  for (const { name, milliseconds } of floors) lines.push(`| ${name} | ${milliseconds.toFixed(0)} ms |`);
  return lines.join('\n');
}
