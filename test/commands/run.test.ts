import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBusyboxRootfs } from '../fixtures/rootfs.ts';
import { leftovers } from '../helpers/leftovers.ts';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
let rootfs = '';

beforeAll(async () => {
  engine = newEngine();
  rootfs = join(engine.dir, 'busybox');
  mkdirSync(rootfs);
  await makeBusyboxRootfs(rootfs);
});
afterAll(async () => {
  await engine.tspod('rm', '--all', '--force', '--time', '0');
  expect(leftovers(engine.runroot)).toEqual([]);
  await engine.cleanup();
});

/** `run --rm` on a throw-away overlay of the busybox. */
function run(flags: string[], ...command: string[]) {
  return engine.tspod('run', '--rm', '--network', 'none', ...flags, '--rootfs', `${rootfs}:O`, ...command);
}

async function output(flags: string[], ...command: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await run(flags, ...command);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout.trimEnd();
}

test('the exit code is that of the command, and streams stay apart', async () => {
  expect(await run([], 'sh', '-c', 'echo out; echo err >&2; exit 42')).toEqual({
    stdout: 'out\n',
    stderr: 'err\n',
    exitCode: 42,
  });
});

test('a command that is missing is 127, one that cannot be executed 126', async () => {
  const missing = await run([], 'nosuch');
  expect(missing.exitCode).toBe(127);
  expect(missing.stderr).toMatch(
    /^Error: crun: .*nosuch.*: OCI runtime attempted to invoke a command that was not found\n$/,
  );
  expect(await run([], '/etc')).toMatchObject({
    exitCode: 126,
    stderr: expect.stringContaining('OCI permission denied'),
  });
});

test.each([
  [['--nosuch'], 125, "unknown flag: --nosuch\nSee 'tspod run --help'"],
  [['-v', '/no/such:/x'], 125, 'statfs /no/such: no such file or directory'],
  [['-u', 'nosuch'], 126, 'unable to find user nosuch: no matching entries in passwd file'],
  [['-w', '/no/such'], 126, 'workdir "/no/such" does not exist on container'],
  [['--gpus', 'all'], 125, 'unsupported flag: --gpus: CDI devices are not built yet'],
  [['--network', 'host'], 125, 'cannot set multiple networks without bridge network mode, selected mode none'],
])('%j ends with status %d', async (flags, status, message) => {
  const result = await run(flags, 'true');
  expect(result.exitCode).toBe(status);
  expect(result.stderr).toContain(`Error: ${message}`);
  expect(await engine.ok('ps', '-a', '-q')).toBe('');
});

test('-i hands over standard input', async () => {
  const args = ['run', '--rm', '-i', '--network', 'none', '--rootfs', `${rootfs}:O`, 'cat'];
  expect(await engine.run(args, { input: 'from the caller' })).toMatchObject({
    stdout: 'from the caller',
    exitCode: 0,
  });
  expect((await engine.run(args.toSpliced(2, 1), { input: 'lost' })).stdout).toBe('');
});

test('-d prints the id, --cidfile keeps it, --replace takes the name over', async () => {
  const file = join(engine.dir, 'cid');
  const flags = ['run', '-d', '--network', 'none', '--name', 'web'];
  const id = await engine.ok(...flags, '--cidfile', file, '--rootfs', `${rootfs}:O`, 'sleep', '100');
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(file, 'utf8')).toBe(id);
  const again = await engine.tspod(...flags, '--rootfs', `${rootfs}:O`, 'true');
  expect(again).toMatchObject({
    exitCode: 125,
    stderr: expect.stringContaining(`the container name "web" is already in use by ${id}`),
  });
  const other = await engine.ok(...flags, '--replace', '--rootfs', `${rootfs}:O`, 'sleep', '100');
  expect(await engine.ok('ps', '-q', '--no-trunc')).toBe(other);
  await engine.ok('rm', '-f', '-t', '0', 'web');
});

test('the process sees its own names, limits, user and environment', async () => {
  expect(await output(['-h', 'me', '-e', 'A=b'], 'sh', '-c', 'hostname; echo $A; echo $HOME; pwd; id -u')).toBe(
    'me\nb\n/root\n/\n0',
  );
  expect(await output(['-u', 'alice'], 'id')).toBe(
    'uid=1000(alice) gid=1000(alice) groups=10(wheel),29(audio),1000(alice)',
  );
  expect(await output(['--ulimit', 'nofile=77:88'], 'sh', '-c', 'ulimit -Sn; ulimit -Hn')).toBe('77\n88');
  expect(await output(['--umask', '077'], 'sh', '-c', 'umask')).toBe('0077');
  expect(await output(['-u', '4321'], 'sh', '-c', 'tail -n 1 /etc/passwd')).toBe(
    '4321:*:4321:0:container user:/:/bin/sh',
  );
});

test('the container gets no descriptor but its three, and those that are named', async () => {
  // The fourth is the folder that ls reads.
  expect(await output([], 'ls', '/proc/self/fd')).toBe('0\n1\n2\n3');
  expect(await run(['--preserve-fds', '1'], 'true')).toMatchObject({
    exitCode: 125,
    stderr: expect.stringContaining('file descriptor 3 is not available'),
  });
});

test('kernel protections: seccomp, masks, read-only paths, dropped capabilities', async () => {
  const script =
    'grep -E "^(Seccomp|CapEff):" /proc/self/status; cat /proc/keys | wc -c; echo 1 > /proc/sys/kernel/panic';
  const { stdout, stderr } = await run([], 'sh', '-c', script);
  expect(stdout).toMatch(/CapEff:\s+00000000800405fb\nSeccomp:\s+2\n0\n/);
  expect(stderr).toContain('Read-only file system');
  expect((await run([], 'unshare', '-m', 'true')).exitCode).not.toBe(0);
  // The second start of a profile takes the compiled filter: it must be the same.
  expect(await output([], 'grep', 'Seccomp:', '/proc/self/status')).toMatch(/2$/);
  expect((await run([], 'unshare', '-m', 'true')).stderr).toContain('Operation not permitted');
  expect(await output(['--security-opt', 'seccomp=unconfined'], 'grep', 'Seccomp:', '/proc/self/status')).toMatch(/0$/);
});

test('mounts: a folder, a volume that lasts, memory, an overlay', async () => {
  const folder = join(engine.dir, 'folder');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'content');
  expect(
    await output(['-v', `${folder}:/x:ro`], 'sh', '-c', 'cat /x/file; touch /x/y 2>/dev/null || echo refused'),
  ).toBe('contentrefused');
  await output(['-v', 'data:/data'], 'sh', '-c', 'echo kept > /data/file');
  expect(await output(['-v', 'data:/data:ro'], 'cat', '/data/file')).toBe('kept');
  expect(
    await output(
      ['--tmpfs', '/t:size=1m,mode=700'],
      'sh',
      '-c',
      'stat -c %a /t; df -k /t | tail -1 | tr -s " " | cut -d" " -f2',
    ),
  ).toBe('700\n1024');
  expect(await output(['-v', `${folder}:/o:O`], 'sh', '-c', 'echo new > /o/new; ls /o')).toBe('file\nnew');
  expect(statSync(folder).isDirectory()).toBe(true);
  expect(() => statSync(join(folder, 'new'))).toThrow('ENOENT');
  await engine.ok('volume', 'rm', 'data');
});

test('--read-only, --shm-size, --init, --device', async () => {
  const readonly = 'touch /x 2>/dev/null || echo refused; touch /tmp/x /run/x && echo written';
  expect(await output(['--read-only'], 'sh', '-c', readonly)).toBe('refused\nwritten');
  expect(await output(['--shm-size', '2m'], 'sh', '-c', 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2')).toBe(
    '2048',
  );
  expect(await output(['--init'], 'sh', '-c', 'cat /proc/1/comm')).toMatch(/^(podman-init|catatonit)/);
  expect((await run([], 'sh', '-c', 'head -c 1 /dev/loop-control')).exitCode).not.toBe(0);
});

test("a container in another's namespaces sees its processes, memory and name", async () => {
  await engine.ok(
    'run',
    '-d',
    '--network',
    'none',
    '--name',
    'host',
    '--rootfs',
    `${rootfs}:O`,
    'sh',
    '-c',
    'echo x > /dev/shm/f; sleep 100',
  );
  const join = ['--pid', '--ipc', '--uts'].flatMap((flag) => [flag, 'container:host']);
  const seen = await output(join, 'sh', '-c', 'cat /dev/shm/f; hostname; ps | grep -c "[s]leep 100"');
  expect(seen).toBe(`x\n${(await engine.ok('ps', '-q')).slice(0, 12)}\n1`);
  await engine.ok('rm', '-f', '-t', '0', 'host');
});

test('runc runs the same container', async () => {
  const result = await engine.tspod(
    '--runtime',
    'runc',
    'run',
    '--rm',
    '--network',
    'none',
    '--rootfs',
    `${rootfs}:O`,
    'sh',
    '-c',
    'grep Seccomp: /proc/self/status; exit 3',
  );
  expect(result).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/2\n$/), stderr: '' });
});

test('ten at once keep their exit codes and leave nothing', async () => {
  const codes = await Promise.all(Array.from({ length: 10 }, (_, code) => run([], 'sh', '-c', `exit ${code}`)));
  expect(codes.map(({ exitCode }) => exitCode)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await engine.ok('ps', '-a', '-q')).toBe('');
});

test('create records and does not run', async () => {
  const id = await engine.ok(
    'create',
    '--name',
    'later',
    '--network',
    'none',
    '--rootfs',
    `${rootfs}:O`,
    'sh',
    '-c',
    'exit 5',
  );
  expect(await engine.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe('later created');
  expect((await engine.tspod('start', '--attach', 'later')).exitCode).toBe(5);
  expect(await engine.ok('rm', 'later')).toBe('later');
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  rmSync(join(engine.dir, 'cid'), { force: true });
});
