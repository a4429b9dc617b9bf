import { afterEach, expect, test } from 'vitest';
import { stringifySpec } from '../../../src/runtime/spec/generate.ts';
import { removeRootfs, specOf } from './spec-of.ts';

afterEach(removeRootfs);

const defaults = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID'];
const defaultCaps = [...defaults, 'SETPCAP', 'SETUID', 'SYS_CHROOT'].map((name) => `CAP_${name}`);

function mountAt(spec: { mounts: { destination: string }[] }, destination: string) {
  return spec.mounts.filter((mount) => mount.destination === destination);
}

test('a plain container has the namespaces, mounts and masks of Podman', async () => {
  const spec = await specOf(['true']);
  expect(spec.linux.namespaces.map(({ type }) => type).sort()).toEqual(['ipc', 'mount', 'network', 'pid', 'uts']);
  expect(spec.mounts.map(({ destination }) => destination)).toEqual([
    '/proc',
    '/dev',
    '/sys',
    '/dev/pts',
    '/dev/mqueue',
    '/dev/shm',
    '/sys/fs/cgroup',
  ]);
  expect(spec.linux.maskedPaths).toContain('/proc/kcore');
  expect(spec.linux.readonlyPaths).toContain('/proc/sys');
  expect(spec.linux.sysctl).toEqual({ 'net.ipv4.ping_group_range': '0 0' });
  expect(spec.linux.resources).toEqual({ devices: [{ allow: false, access: 'rwm' }], pids: { limit: 2048 } });
  expect(spec.linux.cgroupsPath).toMatch(/^\/libpod_parent\/libpod-[0-9a-f]{64}$/);
  expect(spec.process.env).toContain('HOME=/root');
  expect(spec.annotations).not.toHaveProperty('run.oci.keep_original_groups');
});

test('capabilities: the defaults for root, what was added for others, nothing inheritable by default', async () => {
  expect((await specOf([])).process.capabilities).toEqual({
    bounding: defaultCaps,
    effective: defaultCaps,
    permitted: defaultCaps,
  });
  const { capabilities } = (await specOf(['-u', '1000', '--cap-add', 'net_raw'])).process;
  expect(capabilities?.bounding).toEqual([...defaultCaps, 'CAP_NET_RAW'].sort());
  expect(capabilities).toMatchObject({ effective: ['CAP_NET_RAW'], ambient: ['CAP_NET_RAW'] });
  expect((await specOf(['--cap-drop', 'all', '--cap-add', 'kill'])).process.capabilities?.bounding).toEqual([
    'CAP_KILL',
  ]);
  expect((await specOf(['-u', '1000'])).process.capabilities).toMatchObject({
    effective: [],
    inheritable: [],
    ambient: [],
  });
});

test('capabilities that this process does not have cannot be given', async () => {
  const host = { boundingCaps: ['CAP_KILL'] };
  expect((await specOf(['--privileged'], { host } as never)).process.capabilities?.bounding).toEqual(['CAP_KILL']);
});

test('a privileged container has all devices, no masks, no filter, and a writable /sys', async () => {
  const spec = await specOf(['--privileged']);
  expect(spec.linux.resources?.devices).toEqual([{ allow: true, access: 'rwm' }]);
  expect(spec.linux.devices?.map(({ path }) => path)).toContain('/dev/null');
  expect(spec.linux).toMatchObject({ maskedPaths: [], readonlyPaths: [] });
  expect(spec.linux.seccomp).toBeUndefined();
  expect(mountAt(spec, '/sys')).toMatchObject([{ options: expect.arrayContaining(['rw']) }]);
});

test('limits are lowered to what may be set without CAP_SYS_RESOURCE', async () => {
  const limits = async (argv: string[], host = {}) =>
    Object.fromEntries(
      (await specOf(argv, { host } as never)).process.rlimits?.map((l) => [l.type, [l.soft, l.hard]]) ?? [],
    );
  expect(await limits([])).toEqual({ RLIMIT_NOFILE: [20000, 20000], RLIMIT_NPROC: [4096, 4096] });
  expect(await limits(['--ulimit', 'nofile=100:30000', '--ulimit', 'core=-1'])).toMatchObject({
    RLIMIT_NOFILE: [100, 20000],
    RLIMIT_CORE: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  });
  expect(await limits(['--ulimit', 'host'])).toEqual({});
  const mighty = { boundingCaps: ['CAP_SYS_RESOURCE'] };
  expect(await limits([], mighty)).toMatchObject({ RLIMIT_NOFILE: [1048576, 1048576] });
});

test('an unlimited value is written as the largest number of 64 bits', async () => {
  const text = stringifySpec(await specOf(['--ulimit', 'core=-1']));
  expect(text).toContain('"hard":18446744073709551615');
  expect(JSON.parse(text)).toHaveProperty('process.rlimits');
});

test("a mount of the user takes the place of the engine's, and one over /dev that of all below it", async () => {
  const spec = await specOf(['--tmpfs', '/dev/shm:size=1m', '-v', '/tmp:/etc/hosts'], {
    files: { hosts: '/run/hosts' },
  });
  expect(mountAt(spec, '/dev/shm')).toMatchObject([{ options: ['size=1m', 'rprivate', 'tmpcopyup'] }]);
  expect(mountAt(spec, '/etc/hosts')).toMatchObject([{ source: '/tmp' }]);
  const over = await specOf(['-v', '/dev:/dev']);
  expect(over.mounts.filter(({ destination }) => destination.startsWith('/dev')).length).toBe(1);
});

test('parents are mounted before what is below them', async () => {
  const spec = await specOf(['--tmpfs', '/a/b/c', '--tmpfs', '/a', '--tmpfs', '/a/b']);
  const order = spec.mounts.map(({ destination }) => destination).filter((path) => path.startsWith('/a'));
  expect(order).toEqual(['/a', '/a/b', '/a/b/c']);
});

test('binds are recursive and private unless told otherwise; labels and ownership are not for the runtime', async () => {
  const options = async (volume: string) => mountAt(await specOf(['-v', `/tmp:/x${volume}`]), '/x')[0];
  expect(await options('')).toMatchObject({ options: ['rprivate', 'rbind'] });
  expect(await options(':ro,Z,U')).toMatchObject({ options: ['ro', 'rprivate', 'rbind'] });
  expect(await options(':bind')).toMatchObject({ options: ['bind', 'private'] });
  const shared = await specOf(['-v', '/tmp:/x:rshared']);
  expect(shared.linux.rootfsPropagation).toBe('shared');
});

test('--read-only leaves /tmp, /var/tmp and /run writable, --read-only-tmpfs=false nothing', async () => {
  const spec = await specOf(['--read-only']);
  expect(spec.root.readonly).toBe(true);
  expect(['/tmp', '/var/tmp', '/run'].flatMap((path) => mountAt(spec, path))).toHaveLength(3);
  const sealed = await specOf(['--read-only', '--read-only-tmpfs=false']);
  expect(mountAt(sealed, '/tmp')).toEqual([]);
  expect(mountAt(sealed, '/dev')).toMatchObject([{ options: expect.arrayContaining(['ro']) }]);
});

test('namespaces of the host are not listed, those of others are paths', async () => {
  const spec = await specOf(['--pid', 'host', '--network', 'host', '--ipc', 'host', '--uts', 'host']);
  expect(spec.linux.namespaces).toEqual([{ type: 'mount' }]);
  expect(spec.hostname).toBeUndefined();
  expect(spec.linux.sysctl).toEqual({});
  expect(mountAt(spec, '/dev/shm')).toMatchObject([{ type: 'bind', source: '/dev/shm' }]);
  const made = await specOf([], { netnsPath: '/run/netns/x' });
  expect(made.linux.namespaces).toContainEqual({ type: 'network', path: '/run/netns/x' });
  await expect(specOf(['--network', 'ns:/no/such'])).rejects.toThrow('cannot find specified network namespace path');
});

test('unmask takes single paths, patterns and everything', async () => {
  const masked = async (value: string) => (await specOf(['--security-opt', `unmask=${value}`])).linux.maskedPaths;
  expect(await masked('/proc/acpi')).not.toContain('/proc/acpi');
  expect(await masked('/proc/*')).not.toContain('/proc/keys');
  expect(await masked('/proc/*')).toContain('/sys/firmware');
  expect(await masked('ALL')).toEqual([]);
  expect((await specOf(['--security-opt', 'mask=/x:/y'])).linux.maskedPaths).toEqual(
    expect.arrayContaining(['/x', '/y']),
  );
});

test('systemd gets its tmpfs mounts and a container_uuid', async () => {
  const spec = await specOf(['--systemd=always', 'x']);
  expect(mountAt(spec, '/run')).toMatchObject([{ type: 'tmpfs' }]);
  expect(spec.process.env.some((entry) => /^container_uuid=[0-9a-f]{32}$/.test(entry))).toBe(true);
});

test('HOME and HOSTNAME of the user are kept', async () => {
  const { env } = (await specOf(['-e', 'HOME=/x', '-e', 'HOSTNAME=y'])).process;
  expect(env.filter((entry) => /^(HOME|HOSTNAME)=/.test(entry))).toEqual(['HOME=/x', 'HOSTNAME=y']);
});
