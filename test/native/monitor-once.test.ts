import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildSanitized, collect, MonitorRun, until } from './monitor-harness.ts';

let run: MonitorRun;
beforeAll(buildSanitized);
beforeEach(() => {
  run = new MonitorRun();
});
afterEach(() => run.cleanUp());

const once = { args: ['--run-at-once'] };

test('--run-at-once makes nothing before a client is attached, and then creates and starts', async () => {
  run.start('echo hello', once);
  expect(JSON.parse((await run.attachReport()) ?? '')).toEqual({ data: 0 });
  const seen = collect(run.connect());
  expect(run.runtimeCalls()).toBe('');
  run.go();
  expect((await run.report())?.data).toBeGreaterThan(1);
  await run.end();
  await until(() => seen.out() === 'hello\n');
  expect(run.runtimeCalls()).toMatch(/^create .*\nstart monitortest\w+\n$/);
});

test('--run-at-once: the exit code of a process that ends while it is started is not lost', async () => {
  run.start('exit 7', once);
  await run.attachReport();
  run.go();
  await run.end();
  expect(run.exitFile()).toBe('7');
});

test('--run-at-once tells why the start failed, and leaves no process', async () => {
  run.start('sleep 1000', { ...once, env: { FAIL_START: 'no such gate' } });
  await run.attachReport();
  run.go();
  expect(await run.report()).toMatchObject({ data: -1, message: 'no such gate\n' });
  await run.gone();
});

test('--run-at-once makes nothing for a caller that is gone before its second byte', async () => {
  run.start('sleep 1000', once);
  await run.attachReport();
  run.closeAll();
  await run.gone();
  expect(run.runtimeCalls()).toBe('');
});

test('--delete-after has the runtime delete the container before the exit file tells of its end', async () => {
  run.start('exit 3', { args: ['--delete-after'] });
  await run.end();
  expect(run.exitFile()).toBe('3');
  expect(run.runtimeCalls()).toMatch(/\ndelete --force monitortest\w+\nexits: \n$/);
});
