import { expect, test } from 'vitest';
import { configOf, refusal } from './command-line.ts';

const image = { Entrypoint: ['/entry'], Cmd: ['default', 'args'] };

test.each([
  { argv: [], entrypoint: ['/entry'], command: ['default', 'args'] },
  { argv: ['given'], entrypoint: ['/entry'], command: ['given'] },
  { argv: ['--entrypoint', '/mine'], entrypoint: ['/mine'], command: [] },
  { argv: ['--entrypoint', '/mine', 'x'], entrypoint: ['/mine'], command: ['x'] },
  { argv: ['--entrypoint', '["/mine","-a"]', 'x'], entrypoint: ['/mine', '-a'], command: ['x'] },
  { argv: ['--entrypoint', '', 'sh'], entrypoint: [], command: ['sh'] },
  { argv: ['--entrypoint', ''], entrypoint: [], command: [''] },
])('$argv runs $entrypoint $command', async ({ argv, entrypoint, command }) => {
  expect(await configOf(argv, { image })).toMatchObject({ entrypoint, command });
});

test('an image without a command leaves an empty one for the runtime to refuse', async () => {
  expect(await configOf([])).toMatchObject({ entrypoint: [], command: [''] });
});

test.each([
  [['/sbin/init'], true],
  [['/usr/lib/systemd/systemd', '--user'], true],
  [['/bin/sh', '-c', '/sbin/init'], true],
  [['--systemd=false', '/sbin/init'], false],
  [['--systemd=always', 'true'], true],
  [['true'], false],
])('systemd mode of %j is %s', async (argv, systemd) => {
  expect((await configOf(argv)).systemd).toBe(systemd);
});

test('systemd is stopped by its own signal, unless another is given', async () => {
  expect((await configOf(['/sbin/init'])).stopSignal).toBe(37);
  expect((await configOf(['--stop-signal', 'KILL', '/sbin/init'])).stopSignal).toBe(9);
  expect((await configOf([], { image: { StopSignal: 'SIGQUIT' } })).stopSignal).toBe(3);
  expect((await configOf([])).stopSignal).toBe(15);
});

test('the working directory of the image is made, that of -w must exist', async () => {
  expect(await configOf([], { image: { WorkingDir: 'app/' } })).toMatchObject({ workDir: '/app', createWorkDir: true });
  expect(await configOf(['-w', '/srv'], { image: { WorkingDir: '/app' } })).toMatchObject({
    workDir: '/srv',
    createWorkDir: false,
  });
  expect(await refusal(['-w', 'rel'])).toBe("the working directory 'rel' is invalid, it needs to be an absolute path");
});

test.each(['/proc/self/fd/8', '/proc/1/root', '/x/../proc/self/cwd'])(
  'CVE-2024-21626: the image cannot work in %s',
  async (WorkingDir) => {
    expect(await refusal([], { image: { WorkingDir } })).toContain('is not allowed');
  },
);

test('names are checked, and made where none is given', async () => {
  expect((await configOf(['--name', 'web-1'])).name).toBe('web-1');
  expect((await configOf([])).name).toMatch(/^[a-z]+_[a-z]+$/);
  expect(await refusal(['--name', 'a/b'])).toContain('names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*');
});

test('labels and annotations of an image never become annotations of the runtime', async () => {
  const config = await configOf(['-l', 'b=flag', '-l', 'c', '--annotation', 'x=y'], {
    image: { Labels: { 'run.oci.keep_original_groups': '1', b: 'image' } },
  });
  expect(config.annotations).toEqual({ x: 'y' });
  expect(config.labels).toEqual({ 'run.oci.keep_original_groups': '1', b: 'flag', c: '' });
  expect(await refusal(['--annotation', 'x'])).toBe('annotations must be formatted KEY=VALUE');
  expect(await refusal(['-l', '=v'])).toBe('invalid label format: "=v"');
});
