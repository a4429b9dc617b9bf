import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBusyboxRootfs } from '../fixtures/rootfs.ts';
import { must } from '../helpers/exec.ts';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';

let engine: TestEngine;
let staticDir = '';

beforeAll(async () => {
  engine = newEngine();
  const rootfs = join(engine.dir, 'busybox');
  mkdirSync(rootfs);
  await makeBusyboxRootfs(rootfs);
  mkdirSync(join(rootfs, 'old/below'), { recursive: true });
  writeFileSync(join(rootfs, 'old/file'), 'old\n');
  await must('tar', ['-C', rootfs, '-cf', join(engine.dir, 'base.tar'), '.']);
  await engine.ok('import', join(engine.dir, 'base.tar'), 'base');
  staticDir = join(engine.dir, 'static');
});
afterAll(() => engine.cleanup());

const offline = ['--network', 'none'];

test('commit keeps new, changed and removed files, links, long and foreign names, attributes', async () => {
  const name = 'x'.repeat(150);
  const script = `rm /old/file; rm -r /home/alice; mkdir -p /home/alice/new; mkdir /n; echo one > /n/a; ln /n/a /n/b
    ln -s a /n/c; mkfifo /n/p; echo long > /n/${name}; echo umlaut > /n/ü; chown 33:33 /n/a; chmod 4711 /n/a`;
  await engine.ok('run', '--name', 'changed', ...offline, 'base', 'sh', '-c', script);
  const id = await engine.ok('commit', '--quiet', '--change', 'LABEL made=here', 'changed', 'committed');
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  const look = `ls /old /home/alice; stat -c '%n %u %h %a' /n/a; readlink /n/c; cat /n/b /n/${name} /n/ü; test -p /n/p`;
  const seen = await engine.ok('run', '--rm', ...offline, 'localhost/committed', 'sh', '-c', look);
  expect(seen).toBe('/home/alice:\nnew\n\n/old:\nbelow\n/n/a 33 2 4711\na\none\nlong\numlaut');
  expect(await engine.ok('inspect', '--format', '{{.Config.Labels.made}} {{.Config.Cmd}}', 'committed')).toContain(
    'here',
  );
  expect(await engine.ok('system', 'check')).toBe('');
});

test('a message needs the format of Docker', async () => {
  await engine.ok('create', '--name', 'idle', ...offline, 'base', 'true');
  expect((await engine.tspod('commit', '-m', 'why', 'idle', 'no')).stderr).toBe(
    'Error: messages are only compatible with the docker image format (-f docker)\n',
  );
  const id = await engine.ok('commit', '-q', '-f', 'docker', '-m', 'why', 'idle', 'yes');
  expect(await engine.ok('image', 'inspect', '--format', '{{.ManifestType}}', id)).toContain('docker');
});

test('export writes the files of a container, names without ./', async () => {
  await engine.ok('run', '--name', 'exported', ...offline, 'base', 'sh', '-c', 'echo hello > /greeting');
  const tar = join(engine.dir, 'exported.tar');
  await engine.ok('export', '--output', tar, 'exported');
  expect(await must('tar', ['-xOf', tar, 'greeting'])).toBe('hello\n');
});

test('system df counts shared layers once and knows what is in use', async () => {
  await engine.ok('run', '--name', 'user', '-v', '/data', ...offline, 'base', 'true');
  const rows = JSON.parse(await engine.ok('system', 'df', '--format', 'json')) as Record<string, number | string>[];
  const [images, containers, volumes] = rows;
  const bases = Number(await engine.ok('image', 'inspect', '--format', '{{.Size}}', 'base'));
  expect(images).toMatchObject({ Type: 'Images', Active: 1 });
  expect(Number(images?.['RawSize'])).toBeLessThan(2 * bases);
  expect(containers).toMatchObject({ Type: 'Containers', Active: 0 });
  expect(volumes).toMatchObject({ Type: 'Local Volumes', Total: 1, Active: 1, RawReclaimable: 0 });
  expect(await engine.ok('system', 'df', '--verbose')).toContain('Containers space usage:');
});

test('update changes limits of a running container at once and what counts from the next start on', async () => {
  await engine.ok('run', '--detach', '--name', 'updated', '--pids-limit', '77', ...offline, 'base', 'sleep', '100');
  await engine.ok('update', '--memory', '100m', '--restart', 'on-failure:3', '--env', 'A=b', 'updated');
  const format = '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}}';
  expect(await engine.ok('inspect', '--format', format, 'updated')).toBe('104857600 77 on-failure');
  const memory = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true';
  expect(await engine.ok('exec', 'updated', 'sh', '-c', memory)).toBe('104857600');
  await engine.ok('restart', '--time', '0', 'updated');
  expect(await engine.ok('exec', 'updated', 'env')).toContain('A=b');
  expect((await engine.tspod('update', '--device-read-bps', '/dev/zero:1mb', 'updated')).stderr).toContain(
    '/dev/zero: not a block device',
  );
});

test('static_dir of containers.conf is another set of containers', async () => {
  const conf = join(engine.dir, 'static.conf');
  writeFileSync(conf, `[engine]\nstatic_dir = "${staticDir}"\n`);
  const env = { CONTAINERS_CONF_OVERRIDE: conf };
  const made = await engine.run(['run', '--name', 'apart', ...offline, 'base', 'true'], { env });
  expect(made).toMatchObject({ stderr: '', exitCode: 0 });
  expect((await engine.run(['container', 'exists', 'apart'], { env })).exitCode).toBe(0);
  expect((await engine.tspod('container', 'exists', 'apart')).exitCode).toBe(1);
  expect((await engine.run(['rm', 'apart'], { env })).exitCode).toBe(0);
});

test('an image without /etc/mtab gets one', async () => {
  expect(await engine.ok('run', '--rm', ...offline, 'base', 'readlink', '/etc/mtab')).toBe('/proc/mounts');
});

test('a store of the driver vfs runs, commits and removes, chosen by an option or by what the root has', async () => {
  const other = ['--storage-driver', 'vfs', '--root', join(engine.dir, 'vfs')];
  expect(await engine.ok(...other, 'info', '--format', '{{.Store.GraphDriverName}} {{.Store.ImageStore.Number}}')).toBe(
    'vfs 0',
  );
  await engine.ok(...other, 'import', '-q', join(engine.dir, 'base.tar'), 'localhost/one:1');
  const prior = other.slice(2);
  await engine.ok(...prior, 'run', '--name', 'writer', ...offline, 'one:1', 'sh', '-c', 'echo kept >/etc/file');
  expect(await engine.ok(...prior, 'diff', 'writer')).toBe('C /etc\nA /etc/file');
  await engine.ok(...prior, 'commit', '-q', 'writer', 'localhost/two:1');
  expect(await engine.ok(...prior, 'run', '--rm', ...offline, 'two:1', 'cat', '/etc/file')).toBe('kept');
  expect(await engine.ok(...prior, 'inspect', '--format', '{{.GraphDriver.Name}} {{.Driver}}', 'writer')).toBe(
    'vfs vfs',
  );
  await engine.ok(...prior, 'rm', 'writer');
  await engine.ok(...prior, 'rmi', '-a');
  expect(readdirSync(join(engine.dir, 'vfs/vfs/dir'))).toEqual([]);
});

test('a credential file that is named must be there, even when nothing is pulled', async () => {
  const missing = join(engine.dir, 'missing.json');
  for (const command of [['create'], ['run', '--rm']]) {
    const { stderr, exitCode } = await engine.tspod(...command, '--authfile', missing, 'base', 'true');
    expect({ stderr, exitCode }).toEqual({
      stderr: `Error: credential file is not accessible: faccessat ${missing}: no such file or directory\n`,
      exitCode: 125,
    });
  }
});

test('pod kill tells a wrong signal before an unknown pod', async () => {
  expect((await engine.tspod('pod', 'kill', '-s', '0', 'nothing')).stderr).toBe('Error: invalid signal: 0\n');
  expect((await engine.tspod('pod', 'kill', 'nothing')).exitCode).toBe(125);
});

test('diff tells what a container added, changed and deleted', async () => {
  const script = 'echo 1 > /added; rm /old/file; rm -r /home/alice; mkdir /home/alice; chmod 700 /tmp';
  await engine.ok('run', '--name', 'different', ...offline, 'base', 'sh', '-c', script);
  const lines = ['A /added', 'C /home', 'C /home/alice', 'C /old', 'D /old/file', 'C /tmp'];
  const etc = (line: string) => !line.endsWith('/etc');
  expect((await engine.ok('diff', 'different')).split('\n').filter(etc)).toEqual(lines);
  const json = JSON.parse(await engine.ok('diff', '--format', 'json', '--latest')) as Record<string, string[]>;
  expect(json).toMatchObject({ added: ['/added'], deleted: ['/old/file'] });
  expect((await engine.ok('diff', 'base')).split('\n')).toContain('A /old/file');
});
