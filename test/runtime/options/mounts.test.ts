import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Container } from '../../../src/runtime/container.ts';
import { configOf, refusal } from './command-line.ts';

const dir = mkdtempSync(join(tmpdir(), 'tspod-mounts-'));
mkdirSync(join(dir, 'a'));
writeFileSync(join(dir, 'one.conf'), '');
writeFileSync(join(dir, 'two.conf'), '');
afterAll(() => rmSync(dir, { recursive: true }));

const anonymous = /^[0-9a-f]{64}$/;

test('-v mounts folders of the host, volumes by name, and volumes without one', async () => {
  const config = await configOf(['-v', `${dir}:/host/:ro,Z`, '-v', 'data:/data', '-v', '/cache']);
  expect(config.mounts).toEqual([{ type: 'bind', source: dir, destination: '/host', options: ['ro', 'Z'] }]);
  expect(config.volumes).toEqual([
    { name: 'data', destination: '/data', options: [], anonymous: false },
    { name: expect.stringMatching(anonymous), destination: '/cache', options: [], anonymous: true },
  ]);
});

test.each([
  ['a:b:c:d', 'a:b:c:d: incorrect volume format, should be [host-dir:]ctr-dir[:option]'],
  [':/x', 'host directory cannot be empty'],
  ['/tmp:x', 'invalid container path "x", must be an absolute path'],
  ['/tmp:', 'container directory cannot be empty'],
  ['/tmp:/x:nosuch', 'invalid option type "nosuch"'],
  ['/tmp:/x:ro,rw', `invalid options "ro, rw", can only specify 1 'rw' or 'ro' option`],
  ['/tmp:/x:z,Z', `invalid options "z, Z", can only specify 1 'z', 'Z', or 'O' option`],
  ['/no/such:/x', 'statfs /no/such: no such file or directory'],
  ['/tmp:/x:O,ro', "can't use 'O' with other options"],
  ['/tmp:/x:O,upperdir=/u', 'must set both `upperdir` and `workdir`'],
])('-v %s is refused', async (volume, message) => {
  expect(await refusal(['-v', volume])).toBe(message);
});

test('the same mount twice is one, another one at its place is an error', async () => {
  expect((await configOf(['-v', `${dir}:/x`, '-v', `${dir}:/x`])).mounts).toHaveLength(1);
  expect(await refusal(['-v', `${dir}:/x`, '-v', '/tmp:/x'])).toBe('/x: duplicate mount destination');
  expect(await refusal(['--tmpfs', '/x', '--tmpfs', '/x:ro'])).toBe('/x: duplicate mount destination');
  expect(await refusal(['-v', `${dir}:/x`, '--tmpfs', '/x'])).toBe('/x: duplicate mount destination');
  expect(await refusal(['-v', 'vol:/x', '--mount', 'type=tmpfs,dst=/x'])).toBe('/x: duplicate mount destination');
});

test('--mount knows binds, volumes, memory, images and globs', async () => {
  const config = await configOf([
    ...['--mount', `type=bind,src=${dir},dst=/b,readonly,bind-propagation=rslave,relabel=shared`],
    ...['--mount', 'type=volume,src=vol,target=/v,subpath=/s,U'],
    ...['--mount', 'dst=/anon'],
    ...['--mount', 'type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700,notmpcopyup'],
    ...['--mount', 'type=image,src=img,dst=/i,rw=true,subpath=/etc'],
    ...['--mount', `type=glob,src=${dir}/*.conf,dst=/g,ro`],
    ...['--mount', 'type=devpts,dst=/pts,gid=5'],
  ]);
  expect(config.mounts).toEqual([
    { type: 'bind', source: dir, destination: '/b', options: ['ro', 'rslave', 'z'] },
    { type: 'tmpfs', source: 'tmpfs', destination: '/t', options: ['size=1m', 'mode=700', 'notmpcopyup'] },
    { type: 'bind', source: join(dir, 'one.conf'), destination: '/g/one.conf', options: ['ro'] },
    { type: 'bind', source: join(dir, 'two.conf'), destination: '/g/two.conf', options: ['ro'] },
    { type: 'devpts', source: 'devpts', destination: '/pts', options: ['gid=5'] },
  ]);
  expect(config.volumes).toEqual([
    { name: 'vol', destination: '/v', options: ['U'], anonymous: false, subPath: '/s' },
    { name: expect.stringMatching(anonymous), destination: '/anon', options: [], anonymous: true },
  ]);
  expect(config.imageVolumes).toEqual([{ source: 'img', destination: '/i', readWrite: true, subPath: '/etc' }]);
});

test.each([
  ['type=nosuch,dst=/x', 'invalid filesystem type "nosuch"'],
  ['type=bind,src=/tmp', 'must set volume destination'],
  ['type=bind,src=/tmp,dst=/x,what', 'what: invalid mount option'],
  ['type=tmpfs,src=/tmp,dst=/x', '"src" option not supported for "tmpfs" mount types'],
  ['type=bind,src,dst=/x', 'src: must provide an argument for option'],
  [
    'type=bind,src=/tmp,dst=/x,ro,rw',
    "cannot pass 'readonly', 'ro', or 'rw' mnt.Options more than once: must provide an argument for option",
  ],
  [
    'type=bind,src=/tmp,dst=/x,target=/y',
    'cannot pass "target" option more than once: must provide an argument for option',
  ],
  ['type=volume,src=v,dst=/x,volume-label=a', 'the --volume-label option is not presently implemented'],
  ['type=bind,src=/tmp,dst=/x,subpath=y', 'cannot set option "subpath" on non-volume mounts'],
  ['type=image,dst=/x', 'must set source and destination for image volume'],
  ['type=glob,src=/no/such/*', 'no file paths matching glob "/no/such/*"'],
  ['type=bind,src=/tmp,dst=/x,relabel=no', "relabel mount option must be 'private' or 'shared': invalid mount option"],
])('--mount %s is refused', async (mount, message) => {
  expect(await refusal(['--mount', mount])).toBe(message);
});

test('--tmpfs takes options that a tmpfs has', async () => {
  const config = await configOf(['--tmpfs', '/run:size=4m,mode=755,noexec', '--tmpfs', '/x']);
  expect(config.mounts).toEqual([
    { type: 'tmpfs', source: 'tmpfs', destination: '/run', options: ['size=4m', 'mode=755', 'noexec'] },
    { type: 'tmpfs', source: 'tmpfs', destination: '/x', options: [] },
  ]);
  expect(await refusal(['--tmpfs', '/x:nosuch'])).toBe('unknown mount option "nosuch": invalid mount option');
  expect(await refusal(['--tmpfs', '/x:size=1,size=2'])).toContain('duplicate mount option passed');
});

test('volumes of the image are anonymous volumes, tmpfs or nothing, and give way to others', async () => {
  const image = { Volumes: { '/data/': {}, '/other': {} } };
  const { volumes } = await configOf(['-v', `${dir}:/other`], { image });
  expect(volumes).toMatchObject([{ destination: '/data', anonymous: true }]);
  const tmpfs = await configOf(['--image-volume', 'tmpfs'], { image });
  expect(tmpfs.mounts.map(({ type, destination }) => [type, destination])).toEqual([
    ['tmpfs', '/data'],
    ['tmpfs', '/other'],
  ]);
  expect((await configOf(['--image-volume', 'ignore'], { image })).volumes).toEqual([]);
});

test('CVE-2022-23648: odd volume paths of an image are refused or stay inside', async () => {
  expect(await refusal([], { image: { Volumes: { '': {} } } })).toBe(
    'invalid volume "" of the image: not an absolute path',
  );
  const { volumes } = await configOf([], { image: { Volumes: { '/../../x': {} } } });
  expect(volumes).toMatchObject([{ destination: '/x' }]);
});

test("--volumes-from takes over binds and volumes, which then are nobody's own", async () => {
  const other = await configOf(['--name', 'other', '-v', `${dir}:/b:ro`, '-v', 'vol:/v', '-v', '/anon']);
  const containers = [{ config: other } as Container];
  const config = await configOf(['--volumes-from', 'other:rw,z', '-v', '/tmp:/b'], { containers });
  expect(config.mounts).toMatchObject([{ source: '/tmp', destination: '/b' }]);
  expect(config.volumes.map(({ destination, anonymous: own, options }) => [destination, own, options])).toEqual([
    ['/v', false, ['rw', 'z']],
    ['/anon', false, ['rw', 'z']],
  ]);
  expect(await refusal(['--volumes-from', 'nosuch'])).toBe(
    'looking up container "nosuch" for volumes-from: no container with name or ID "nosuch" found: no such container',
  );
  expect(await refusal(['--volumes-from', 'other:suid'], { containers })).toContain('can only use z,ro,rw options');
});
