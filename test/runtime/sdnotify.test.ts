import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { busyboxRoot } from '../commands/busybox.ts';
import { until } from '../helpers/leftovers.ts';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';

/** Prints each packet of a datagram socket as a line, newlines in it as spaces. Node has no such sockets. */
const listen = `use IO::Socket::UNIX; use Socket; $| = 1;
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
while (defined $s->recv(my $m, 4096)) { $m =~ tr/\\n/ /; print "$m\\n" }`;

let engine: TestEngine;
let root: string;
const listeners: ChildProcess[] = [];

beforeAll(() => {
  engine = newEngine();
  root = busyboxRoot(engine.dir);
});
afterAll(async () => {
  for (const child of listeners) child.kill();
  await engine.cleanup();
});

async function socket(name: string): Promise<{ path: string; heard: () => string }> {
  const path = `${engine.dir}/${name}.sock`;
  const child = spawn('perl', ['-e', listen, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  listeners.push(child);
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  await until('the socket is there', () => existsSync(path));
  return { path, heard: () => text };
}

async function start(name: string, path: string, args: string[], command: string): Promise<string> {
  const all = ['run', '-d', '--name', name, '--network', 'none', ...args, '--rootfs', root, 'sh', '-c', command];
  const result = await engine.run(all, { env: { NOTIFY_SOCKET: path } });
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  return engine.ok('inspect', '--format', '{{.State.ConmonPid}}', name);
}

const say = 'echo "[$NOTIFY_SOCKET]"; sleep 1000';

test('conmon: the service is ready when the container is started, which knows nothing of it', async () => {
  const { path, heard } = await socket('conmon');
  const pid = await start('conmon', path, ['--sdnotify', 'conmon'], say);
  await until('it is ready', () => heard() === `MAINPID=${pid} READY=1\n`);
  await until('it said something', async () => (await engine.ok('logs', 'conmon')) === '[]');
  const format = '{{.Config.SdNotifyMode}} {{.Config.SdNotifySocket}}';
  expect(await engine.ok('inspect', '--format', format, 'conmon')).toBe(`conmon ${path}`);
});

test('container: its own message is passed on', async () => {
  const { path, heard } = await socket('container');
  const pid = await start('container', path, [], say);
  await until('the main process is known', () => heard() === `MAINPID=${pid}\n`);
  await until('it said something', async () => (await engine.ok('logs', 'container')) === '[/run/notify/notify.sock]');
  const inside = `${engine.root}/overlay-containers/${await engine.ok('inspect', '--format', '{{.Id}}', 'container')}/userdata/notify/notify.sock`;
  const send =
    'use IO::Socket::UNIX; use Socket; IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => "/proc/self/fd/3/notify.sock")';
  const folder = inside.replace(/\/notify\.sock$/, '');
  spawn('sh', ['-c', `exec 3<${folder}; perl -e '${send}->send("READY=1\\nMAINPID=1")'`], { stdio: 'inherit' });
  await until('it is ready', () => heard() === `MAINPID=${pid}\nREADY=1\n`);
});

test('healthy: the first check that succeeds makes it ready', async () => {
  const { path, heard } = await socket('healthy');
  const check = ['--health-cmd', 'true', '--health-interval', 'disable'];
  const pid = await start('healthy', path, ['--sdnotify', 'healthy', ...check], say);
  await until('the main process is known', () => heard() === `MAINPID=${pid}\n`);
  await engine.ok('healthcheck', 'run', 'healthy');
  await engine.ok('healthcheck', 'run', 'healthy');
  await until('it is ready', () => heard() === `MAINPID=${pid}\nREADY=1\n`);
  const wrong = await engine.tspod('create', '--sdnotify', 'healthy', '--rootfs', root);
  expect(wrong.stderr).toContain('sdnotify policy "healthy" requires a healthcheck to be set');
});

test('ignore: nobody hears anything', async () => {
  const { path, heard } = await socket('ignore');
  await start('ignore', path, ['--sdnotify', 'ignore'], say);
  await until('it said something', async () => (await engine.ok('logs', 'ignore')) === '[]');
  expect(heard()).toBe('');
});
