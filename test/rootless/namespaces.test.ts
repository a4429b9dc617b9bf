import { readlinkSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newUser, type TestUser } from '../helpers/user.ts';

let user: TestUser;

beforeAll(async () => {
  user = await newUser();
});

afterAll(() => user?.cleanup());

const namespaces = (pid: number) => ['user', 'mnt'].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));

async function endHolder(): Promise<void> {
  await user.run(['kill', '-9', String(user.holder())]);
}

describe('the namespaces of a user', () => {
  it('are one set, whoever comes first', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, () => user.tspod('info', '--format', '{{.Host.Arch}}')),
    );
    expect(results.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(results.map(() => [0, '']));
    const { stdout } = await user.run(['sh', '-c', 'grep -l "^podman pause$" /proc/[0-9]*/comm']);
    const own = stdout.split('\n').filter((path) => path && readOwner(path) === user.uid);
    expect(own).toEqual([`/proc/${user.holder()}/comm`]);
  });

  it('are made anew when their holder was killed', async () => {
    await user.ok('info');
    const before = user.holder();
    await endHolder();
    await user.ok('info');
    expect(user.holder()).not.toBe(before);
    expect(namespaces(user.holder())[0]).not.toBe(readlinkSync('/proc/self/ns/user'));
  });

  it.each(['', 'rubbish', '1', '999999999'])('are made when the pid file says "%s"', async (text) => {
    const file = `${user.runtimeDir}/libpod/tmp/pause.pid`;
    await endHolder();
    await user.run(['sh', '-c', `printf %s '${text}' > ${file}`]);
    await user.ok('info');
    expect(user.holder()).toBeGreaterThan(1);
  });

  it('are not those of a stranger who got the number of the holder', async () => {
    const before = user.holder();
    const file = `${user.runtimeDir}/libpod/tmp/pause.pid`;
    await user.run([
      'sh',
      '-c',
      `unshare --user --map-root-user sleep 20 >/dev/null 2>&1 & echo $! > ${file}; sleep 0.3; kill -9 ${before}`,
    ]);
    await user.ok('info');
    const { stdout } = await user.run(['cat', `/proc/${user.holder()}/comm`]);
    expect(stdout).toBe('podman pause\n');
  });
});

function readOwner(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.uid ?? -1;
}
