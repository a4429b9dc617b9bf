/** Podman itself, with our monitor in the place of conmon. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBusyboxRootfs } from '../fixtures/rootfs.ts';
import { exec, must, type Result } from '../helpers/exec.ts';
import { removeTree } from '../helpers/tspod.ts';
import { built, until } from './monitor-harness.ts';

const dir = mkdtempSync('/tmp/tspod-podman-');
const runFlags = ['--network', 'none', '--cgroups', 'disabled', '--log-driver', 'k8s-file'];
const globals = [
  ...['--root', `${dir}/root`, '--runroot', `${dir}/run`, '--tmpdir', `${dir}/tmp`, '--storage-driver', 'vfs'],
  ...['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--conmon', built],
];

beforeAll(async () => {
  mkdirSync(`${dir}/rootfs`);
  await makeBusyboxRootfs(`${dir}/rootfs`);
  await must('tar', ['-C', `${dir}/rootfs`, '-cf', `${dir}/rootfs.tar`, '.']);
  const files = /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  writeFileSync(
    `${dir}/containers.conf`,
    `[containers]\ndefault_ulimits = ["nofile=${files}:${files}", "nproc=4096:4096"]\n`,
  );
  expect((await podman('import', `${dir}/rootfs.tar`, 'localhost/box')).exitCode).toBe(0);
});
afterAll(async () => {
  await podman('rm', '-af', '-t', '0');
  await removeTree(dir);
});

function environment(): Record<string, string> {
  return { ...(process.env as Record<string, string>), CONTAINERS_CONF: `${dir}/containers.conf` };
}

function podman(...args: string[]): Promise<Result> {
  return exec('podman', [...globals, ...args], { env: environment() });
}

async function ok(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await podman(...args);
  if (exitCode !== 0) throw new Error(`podman ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

function interactive(...args: string[]): { child: ChildProcess; shown: () => string; status: Promise<number | null> } {
  const child = spawn('podman', [...globals, ...args], { env: environment() });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const status = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, shown: () => text, status };
}

test('run gives output, errors and the exit code', async () => {
  const result = await podman('run', '--rm', ...runFlags, 'box', 'sh', '-c', 'echo out; echo err >&2; exit 7');
  expect(result).toMatchObject({ stdout: 'out\n', exitCode: 7 });
  expect(result.stderr).toContain('err');
});

test('a program that is missing is reported in the words of the runtime, with 127', async () => {
  const { stderr, exitCode } = await podman('run', '--rm', ...runFlags, 'box', 'nonsense');
  expect(exitCode).toBe(127);
  expect(stderr).toContain('nonsense');
});

test('run -i passes input on and ends with it', async () => {
  const { child, shown, status } = interactive('run', '--rm', '-i', ...runFlags, 'box', 'cat');
  child.stdin?.end('typed\n');
  expect(await status).toBe(0);
  expect(shown()).toBe('typed\n');
});

test('logs, exec, attach, inspect and wait work on a container in the background', async () => {
  const trap = 'trap "exit 3" TERM; echo begun; while read line; do echo "got $line"; done';
  const id = await ok('run', '-d', '-i', '--name', 'web', ...runFlags, 'box', 'sh', '-c', trap);
  await until(() => readFileSync(logOf(id), 'utf8').includes('begun'));
  expect(await ok('logs', 'web')).toBe('begun');
  expect(await ok('exec', 'web', 'echo', 'inside')).toBe('inside');
  expect((await podman('exec', 'web', 'sh', '-c', 'exit 9')).exitCode).toBe(9);
  expect(await ok('inspect', '--format', '{{.State.Status}}', 'web')).toBe('running');
  const attached = interactive('attach', 'web');
  attached.child.stdin?.write('this\n');
  await until(() => attached.shown().includes('got this'));
  attached.child.stdin?.end();
  await attached.status;
  expect(await ok('wait', 'web')).toBe('0');
  expect(await ok('logs', 'web')).toBe('begun\ngot this');
});

test('stop ends a container with its own exit code, and the exit command of Podman cleans up', async () => {
  const trap = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done';
  const id = await ok('run', '-d', '--name', 'stopped', ...runFlags, 'box', 'sh', '-c', trap);
  await until(() => readFileSync(logOf(id), 'utf8').includes('ready'));
  await ok('stop', 'stopped');
  const format = '{{.State.Status}} {{.State.ExitCode}}';
  expect(await ok('inspect', '--format', format, 'stopped')).toBe('exited 3');
});

test('a terminal has the size that Podman sends', async () => {
  const words = ['podman', ...globals, 'run', '--rm', '-t', ...runFlags, 'box', 'sh', '-c', 'sleep 0.5; stty size'];
  const command = `stty rows 31 cols 91; exec ${words.map((word) => `'${word}'`).join(' ')}`;
  const { stdout } = await exec('script', ['-qefc', command, '/dev/null'], { env: environment() });
  expect(stdout).toContain('31 91');
});

function logOf(id: string): string {
  return `${dir}/root/vfs-containers/${id}/userdata/ctr.log`;
}
