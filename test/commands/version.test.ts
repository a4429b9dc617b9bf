import { expect, test } from 'vitest';
import { exec } from '../helpers/exec.ts';
import { binary } from '../helpers/tspod.ts';

const version = async (...args: string[]) => (await exec(binary, ['version', ...args])).stdout;

test('the table has the lines that scripts look for', async () => {
  const lines = (await version()).split('\n');
  expect(lines[0]).toMatch(/^Client: +/);
  expect(lines[1]).toMatch(/^Version: +[1-9][\d.]+$/);
  for (const name of ['API Version:', 'Go Version:', 'Built:', 'OS/Arch:']) {
    expect(lines.some((line) => line.startsWith(name))).toBe(true);
  }
  const built = lines.find((line) => line.startsWith('Built:'))?.slice('Built:'.length) ?? '';
  expect(Date.parse(built)).toBeGreaterThan(Date.parse('2019-01-01'));
});

test('JSON has the fields of Podman', async () => {
  const { Client } = JSON.parse(await version('--format', 'json')) as { Client: Record<string, unknown> };
  expect(Object.keys(Client)).toEqual(
    'APIVersion Version GoVersion GitCommit BuiltTime Built BuildOrigin OsArch Os'.split(' '),
  );
});

test('templates see the whole, or the client as in old versions', async () => {
  expect(await version('--format', '{{.Client.Os}}')).toBe('linux\n');
  expect(await version('--format', '{{.Os}}')).toBe('linux\n');
  expect(await version('--format', '{{.Server.Version}}')).toBe(await version('-f', '{{.Version}}'));
});

test('an unknown field is told', async () => {
  expect(await exec(binary, ['version', '-f', '{{.Nope}}'])).toEqual({
    stdout: '',
    stderr:
      'Error: template: version:1:2: executing "version" at <.Nope>: can\'t evaluate field Nope in type define.Version\n',
    exitCode: 125,
  });
});
