import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { newUser, type TestUser } from '../helpers/user.ts';

let user: TestUser;

beforeAll(async () => {
  user = await newUser({ registry: inject('registry') });
  await user.ok('pull', '-q', 'busybox');
  await user.ok('save', '-q', '-o', `${user.home}/image.tar`, 'busybox');
});

afterAll(() => user?.cleanup());

/** A container with the programs of this machine, tspod among them. */
function nested(flags: string[], script: string) {
  const programs = ['/usr:/usr', '/usr/lib:/lib', '/usr/lib64:/lib64', '/usr/bin:/bin'].flatMap((each) => [
    '-v',
    `${each}:ro`,
  ]);
  const own = ['-v', `${dirname(dirname(user.binary))}:/tspod:ro`, '-v', `${user.home}/image.tar:/image.tar:ro`];
  const folders = ['/var/lib/containers:mode=700', '/run', '/tmp'].flatMap((each) => ['--tmpfs', each]);
  const words = ['run', '--rm', '--network', 'none', ...flags, ...programs, ...own, ...folders, 'busybox'];
  return user.tspod(...words, 'sh', '-c', script);
}

it('tspod runs in a privileged container of tspod', async () => {
  const inner = '/tspod/bin/tspod run --rm --network none --cgroups disabled busybox echo from inside';
  const script = `/tspod/bin/tspod load -q -i /image.tar >&2 && ${inner}`;
  const { exitCode, stdout, stderr } = await nested(['--privileged'], script);
  expect([exitCode, stdout, exitCode === 0 ? '' : stderr]).toEqual([0, 'from inside\n', '']);
});
