import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildSanitized, MonitorRun, until } from './monitor-harness.ts';

let run: MonitorRun;
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

test('a flood of empty lines is one record each', async () => {
  run.start('head -c 500000 /dev/zero | tr "\\0" "\\n"');
  await run.end();
  expect(run.records().filter(({ flag, text }) => flag === 'F' && text === '').length).toBe(500_000);
});

test('--log-size-max starts a new file before the limit, without a gap in the records that are kept', async () => {
  run.start('seq 1 3000', { args: ['--log-size-max', '20000'] });
  await run.end();
  expect(statSync(run.log).size).toBeLessThanOrEqual(20_000);
  const numbers = numbersIn([run.log]);
  expect(numbers.at(-1)).toBe(3000);
  expect(numbers.every((number, index) => number === (numbers[0] ?? 0) + index)).toBe(true);
});

test('--log-rotate keeps so many old files, and together they hold the records in order', async () => {
  run.start('seq 1 1500', { args: ['--log-size-max', '20000', '--log-rotate', '--log-max-files', '2'] });
  await run.end();
  const files = [`${run.log}.2`, `${run.log}.1`, run.log];
  expect(existsSync(`${run.log}.3`)).toBe(false);
  const numbers = numbersIn(files);
  expect(numbers.at(-1)).toBe(1500);
  expect(numbers.every((number, index) => number === (numbers[0] ?? 0) + index)).toBe(true);
});

test('--log-rotate does not follow a link that somebody put in the place of the log', async () => {
  run.start('read go; seq 1 1500', { stdin: true, args: ['--log-size-max', '20000', '--log-rotate'] });
  await run.report();
  renameSync(run.log, `${run.dir}/moved`);
  writeFileSync(run.log, 'of another');
  const client = run.connect();
  await client.write(Buffer.from('go\n'));
  await run.end();
  expect(readFileSync(run.log, 'utf8')).toBe('of another');
  expect(existsSync(`${run.log}.1`)).toBe(false);
});

test('--log-global-size-max ends the recording, not the container', async () => {
  run.start('seq 1 3000; exit 8', { args: ['--log-global-size-max', '10000'] });
  await run.end();
  expect(run.exitFile()).toBe('8');
  expect(statSync(run.log).size).toBeLessThanOrEqual(10_000);
  expect(run.records()[0]?.text).toBe('1');
});

test('a message to ctl opens the log again', async () => {
  run.start('echo one; read go; echo two', { stdin: true });
  await run.report();
  await until(() => existsSync(run.log) && statSync(run.log).size > 0);
  renameSync(run.log, `${run.dir}/rotated`);
  writeFileSync(`${run.bundle}/ctl`, '2 0 0\n', { flag: 'a' });
  await until(() => existsSync(run.log));
  await run.connect().write(Buffer.from('go\n'));
  await run.end();
  expect(run.records(`${run.dir}/rotated`).map(({ text }) => text)).toEqual(['one']);
  expect(run.records().map(({ text }) => text)).toEqual(['two']);
});

test('a log that cannot be written does not stop the container', async () => {
  run.start('seq 1 1000; exit 3', { log: 'k8s-file:/dev/full' });
  await run.end();
  expect(run.exitFile()).toBe('3');
});

/** A line that the pipe gave in two pieces is a partial record and the rest of it; the first one may lack its start. */
function numbersIn(files: string[]): number[] {
  const records = files.flatMap((file) => run.records(file));
  const isCut = (index: number) => records[index - 1]?.flag === 'P';
  return records
    .map(({ flag, text }, index) => (flag === 'P' ? '' : isCut(index) ? records[index - 1]?.text + text : text))
    .filter((text) => text !== '')
    .map(Number);
}
