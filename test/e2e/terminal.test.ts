/** `run -it`: a real terminal, made by script(1). */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { until } from '../helpers/leftovers.ts';
import { binary, mirrorOf, newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = newEngine({ registries: mirrorOf(inject('registry')) });
  await engine.pull('busybox');
});
afterAll(() => engine.cleanup());

/** A call of tspod on a terminal of 100 x 30: what it shows, a way to type, its end. */
function onTerminal(...args: string[]) {
  const words = [binary, ...engine.globals, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', `stty rows 30 cols 100; exec ${words}`, '/dev/null'], {
    env: { ...process.env, ...engine.env, TERM: 'xterm' },
  });
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const ended = new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? -1)));
  return {
    type: (text: string) => child.stdin.write(text),
    shows: (text: string | RegExp) =>
      until(`the screen shows ${text}: ${JSON.stringify(screen)}`, () => screen.search(text) >= 0),
    ended,
    screen: () => screen,
  };
}

test('the shell has the size of the terminal, echoes, and its exit code is the status', async () => {
  const shell = onTerminal('run', '--rm', '-it', '--network', 'none', 'busybox', 'sh');
  await shell.shows(/# /);
  shell.type('stty size; tty; echo $((6 * 7))\n');
  await shell.shows('30 100');
  await shell.shows('/dev/pts/0');
  await shell.shows(/^42/m);
  shell.type('exit 9\n');
  expect(await shell.ended).toBe(9);
});

test('Ctrl-C interrupts the program in the container, not tspod', async () => {
  const shell = onTerminal('run', '--rm', '-it', '--network', 'none', 'busybox', 'sh');
  await shell.shows(/# /);
  shell.type('sleep 1000\n');
  await new Promise((resolve) => setTimeout(resolve, 300));
  shell.type('\x03');
  shell.type('echo still $((40 + 2))\n');
  await shell.shows('still 42');
  shell.type('exit 7\n');
  expect(await shell.ended).toBe(7);
});

test('the detach keys leave the container running, and attach returns to it', async () => {
  const shell = onTerminal('run', '-it', '--name', 'kept', '--network', 'none', 'busybox', 'sh');
  await shell.shows(/# /);
  shell.type('\x10\x11');
  expect(await shell.ended).toBe(0);
  expect(await engine.ok('inspect', '--format', '{{.State.Status}}', 'kept')).toBe('running');
  const again = onTerminal('attach', 'kept');
  again.type('echo back $((40 + 2)); exit\n');
  await again.shows('back 42');
  expect(await again.ended).toBe(0);
  expect(await engine.ok('inspect', '--format', '{{.State.Status}}', 'kept')).toBe('exited');
});

test('exec -it has a terminal of its own', async () => {
  await engine.ok('run', '-d', '--name', 'host', '--network', 'none', 'busybox', 'sleep', '1000');
  const shell = onTerminal('exec', '-it', 'host', 'sh');
  await shell.shows(/# /);
  shell.type('stty size; exit 3\n');
  await shell.shows('30 100');
  expect(await shell.ended).toBe(3);
});
