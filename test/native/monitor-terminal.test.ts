import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { resize } from '../../src/runtime/monitor/resize.ts';
import { buildSanitized, collect, MonitorRun, type StartOptions, until } from './monitor-harness.ts';

const script = new URL('console.py', import.meta.url).pathname;
let run: MonitorRun;
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

function start(payload: string, { env, args = [] }: StartOptions = {}): void {
  const before = `exec python3 ${script} "$console" "$pidfile" "$PAYLOAD"`;
  run.start(payload, { args: ['-t', ...args], env: { BEFORE: before, ...env } });
}

test('a terminal that its client closes stays open for the next one', async () => {
  start('while read line; do echo "got $line"; done; echo ended');
  await run.report();
  for (const word of ['one', 'two']) {
    const client = run.connect();
    const got = collect(client);
    await client.write(Buffer.from(`${word}\n`));
    await until(() => got.out().includes(`got ${word}\r\n`));
    client.shutdownWrite();
    client.close();
  }
  await run.connect().write(Buffer.from([4])); // Ctrl-D: only this is the end of a terminal's input
  await run.end();
  expect(run.exitFile()).toBe('0');
  expect(run.records().at(-1)?.text).toBe('ended\r');
});

test('a client that vanishes while the terminal floods holds nothing up', async () => {
  start('read go; i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done; exit 9');
  await run.report();
  const client = run.connect();
  client.onPacket(() => client.close());
  await client.write(Buffer.from('go\n'));
  await run.end();
  expect(run.exitFile()).toBe('9');
  expect(run.records().at(-1)?.text).toBe('19999\r');
});

test('sizes that came before the terminal, from ctl and from winsz, are its sizes; nonsense is not', async () => {
  start('stty size; read go; stty size; read go; stty size', { env: { BEFORE: `${delayed()}` } });
  await until(() => existsSync(`${run.bundle}/ctl`));
  await resize(`${run.bundle}/ctl`, 33, 44);
  writeFileSync(`${run.dir}/sized`, '');
  await run.report();
  const client = run.connect();
  const got = collect(client);
  await until(() => existsSync(run.log) && readFileSync(run.log, 'utf8').includes('33 44'));
  writeFileSync(`${run.bundle}/winsz`, '50 60\n', { flag: 'a' });
  await client.write(Buffer.from('\n'));
  await until(() => got.out().includes('50 60\r\n'));
  for (const line of ['-1 5', '1001 5', '1 1 1 1 1', 'x', '']) writeFileSync(`${run.bundle}/winsz`, `${line}\n`);
  for (const line of ['1 5000 1', '3 1 1', '1 7']) writeFileSync(`${run.bundle}/ctl`, `${line}\n`);
  await client.write(Buffer.from('\n'));
  await client.closed;
  expect(run.records().at(-1)?.text).toBe('1 1\r'); // of "1 1 1 1 1" the first two count
});

test('a folder for temporary files with a long name does not keep the terminal from its socket', async () => {
  start('echo fine', { env: { TMPDIR: `/tmp/${'t'.repeat(200)}` } });
  await run.end();
  expect(run.records()).toEqual([{ stream: 'stdout', flag: 'F', text: 'fine\r' }]);
});

/** The runtime makes the terminal only after the size was sent. */
function delayed(): string {
  const wait = 'while [ ! -e $dir/sized ]; do sleep 0.01; done';
  return `${wait}; sleep 0.1; exec python3 ${script} "$console" "$pidfile" "$PAYLOAD"`;
}
