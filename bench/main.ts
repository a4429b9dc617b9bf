/** `npm run bench`: see scripts/bench. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRegistry } from '../test/helpers/registry.ts';
import { cases } from './cases.ts';
import { type BenchEngine, makeEngine, monitorPss, tspodProgram } from './engines.ts';
import { measureFloors } from './floors.ts';
import { pushBenchImages } from './images.ts';
import { inTurns, median, peakMemory } from './measure.ts';
import { type Row, report } from './report.ts';

const { values: options } = parseArgs({
  options: {
    peer: { type: 'string', default: 'podman' },
    only: { type: 'string', default: '.' },
    runs: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const only = new RegExp(options.only);
const chosen = cases.filter((entry) => only.test(entry.name));
const isWanted = (...words: string[]) => words.some((word) => chosen.some(({ name }) => name.startsWith(word)));
const peakName = 'peak memory of a pull of 0.7 GB';
const needsIdle = /^(ps|inspect|exec)/;
const idle = Array.from({ length: 10 }, (_, index) => `idle${index}`);

const dir = mkdtempSync(join(tmpdir(), 'tspod-bench-'));
const registry = await startRegistry();
const engines: BenchEngine[] = [];
try {
  await pushBenchImages(registry.url, (word) => isWanted(word) || (word === 'pull' && only.test(peakName)));
  engines.push(
    makeEngine('tspod', tspodProgram, dir, registry.host),
    makeEngine('podman', options.peer, dir, registry.host),
  );
  for (const engine of engines) await prepare(engine);
  const rows: Row[] = [];
  for (const entry of chosen) {
    const runs = options.runs === undefined ? entry.runs : Number(options.runs);
    const times = await inTurns(
      engines.map((engine) => entry.command(engine)),
      runs,
    );
    const [own = Number.NaN, peer = Number.NaN] = times.map(median);
    rows.push({ name: entry.name, own, peer, target: entry.target, unit: 'ms' });
    process.stderr.write(`${entry.name}: ${own.toFixed(0)} ms, ${peer.toFixed(0)} ms, ${(own / peer).toFixed(2)}\n`);
  }
  if (only.test('memory')) rows.push(await memoryRow());
  if (only.test(peakName)) rows.push(await peakRow());
  const floors = await measureFloors(isWanted('pull'));
  report({
    rows,
    floors,
    versions: engines.map((engine) => engine.version),
    cores: cpus().length,
    write: options.write,
  });
} finally {
  for (const engine of engines) await engine.cleanup();
  await registry.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function prepare(engine: BenchEngine): Promise<void> {
  await engine.must('pull', '-q', 'busybox');
  if (isWanted('push', 'save', 'load')) {
    await engine.must('pull', '-q', 'large');
    if (!existsSync(engine.archive('large'))) await engine.must('save', '-q', '-o', engine.archive('large'), 'large');
  }
  if (chosen.some((entry) => needsIdle.test(entry.name)) || only.test('memory')) await startIdle(engine);
  if (only.test('logs of 200 MB')) {
    const line = 'x'.repeat(99);
    const command = ['sh', '-c', `yes ${line} | head -c 200000000`];
    await engine.must(
      'run',
      '-d',
      '--name',
      'talker',
      '--network',
      'none',
      '--log-driver',
      'k8s-file',
      'busybox',
      ...command,
    );
    await engine.must('wait', 'talker');
  }
}

async function startIdle(engine: BenchEngine): Promise<void> {
  for (const name of idle)
    await engine.must('run', '-d', '--name', name, '--network', 'none', 'busybox', 'sleep', '100000');
}

async function peakRow(): Promise<Row> {
  const peaks: number[] = [];
  for (const { fresh, env } of engines) peaks.push(await peakMemory({ argv: fresh('pull', '-q', 'large'), env }));
  const [own = Number.NaN, peer = Number.NaN] = peaks;
  return { name: peakName, own, peer, target: 1, unit: 'kB' };
}

async function memoryRow(): Promise<Row> {
  const [own = Number.NaN, peer = Number.NaN] = await Promise.all(engines.map((engine) => monitorPss(engine, idle)));
  return { name: 'memory kept per idle container (PSS of the monitor)', own, peer, target: 1, unit: 'kB' };
}
