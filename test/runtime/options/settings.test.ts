import { expect, test } from 'vitest';
import { goDuration } from '../../../src/runtime/options/size.ts';
import { configOf, refusal } from './command-line.ts';

test.each([
  [undefined, { name: 'no', maximumRetryCount: 0 }],
  ['never', { name: 'no', maximumRetryCount: 0 }],
  ['always', { name: 'always', maximumRetryCount: 0 }],
  ['on-failure:3', { name: 'on-failure', maximumRetryCount: 3 }],
  ['unless-stopped', { name: 'unless-stopped', maximumRetryCount: 0 }],
])('--restart %s', async (policy, restart) => {
  expect((await configOf(policy ? ['--restart', policy] : [])).restart).toEqual(restart);
});

test.each([
  ['sometimes', '"sometimes" is not a valid restart policy: invalid argument'],
  ['always:3', 'restart policy retries can only be specified with on-failure restart policy'],
  ['on-failure:x', 'parsing restart policy retry count: strconv.Atoi: parsing "x": invalid syntax'],
  ['on-failure:-1', 'must specify restart policy retry count as a number greater than 0'],
])('--restart %s is refused', async (policy, message) => {
  expect(await refusal(['--restart', policy])).toBe(message);
});

test('security options', async () => {
  const options = [
    'no-new-privileges',
    'mask=/a:/b',
    'unmask=/proc/*',
    'seccomp=unconfined',
    'label=disable',
    'proc-opts=hidepid=2',
  ];
  expect(await configOf(options.flatMap((option) => ['--security-opt', option]))).toMatchObject({
    noNewPrivileges: true,
    mask: ['/a', '/b'],
    unmask: ['/proc/*'],
    seccompProfile: 'unconfined',
    selinuxOptions: ['disable'],
    procOpts: ['hidepid=2'],
  });
  expect((await configOf(['--security-opt', 'systempaths=unconfined'])).unmask).toEqual(['ALL']);
  expect((await configOf(['--security-opt', 'no-new-privileges:false'])).noNewPrivileges).toBe(false);
  expect(await refusal(['--security-opt', 'what=1'])).toBe('invalid --security-opt 2: "what=1"');
  expect(await refusal(['--security-opt', 'what'])).toBe('invalid --security-opt 1: "what"');
  expect(await refusal(['--security-opt', 'seccomp=/no/such'])).toBe(
    'opening seccomp profile failed: open /no/such: no such file or directory',
  );
  expect(await refusal(['--security-opt', 'apparmor=mine'])).toContain('Apparmor is not enabled on this system');
});

test('unknown and contradicting capabilities are refused', async () => {
  expect(await refusal(['--cap-add', 'nosuch'])).toBe('"CAP_NOSUCH": unknown capability');
  expect(await refusal(['--cap-add', 'kill', '--cap-drop', 'CAP_KILL'])).toBe(
    'capability "CAP_KILL" cannot be dropped and added',
  );
  expect(await refusal(['--cap-add', 'all', '--cap-drop', 'all'])).toBe(
    'adding all caps and removing all caps not allowed',
  );
});

test('health checks', async () => {
  expect((await configOf(['--health-cmd', 'curl localhost'])).healthcheck).toEqual({
    Test: ['CMD-SHELL', 'curl localhost'],
    Interval: 30e9,
    Timeout: 30e9,
    StartPeriod: 0,
    Retries: 3,
  });
  expect((await configOf(['--health-cmd', '["a","b"]', '--health-on-failure', 'kill'])).healthcheck).toMatchObject({
    Test: ['CMD', 'a', 'b'],
    onFailure: 'kill',
  });
  const image = { Healthcheck: { Test: ['CMD', 'x'], Interval: 5e9 } };
  expect((await configOf(['--health-retries', '7'], { image })).healthcheck).toEqual({
    Test: ['CMD', 'x'],
    Interval: 5e9,
    Timeout: 30e9,
    StartPeriod: 0,
    Retries: 7,
  });
  expect((await configOf(['--no-healthcheck'], { image })).healthcheck).toEqual({ Test: ['NONE'] });
  expect(await refusal(['--health-cmd', 'x', '--health-timeout', '0s'])).toBe(
    'healthcheck-timeout must be at least 1 second',
  );
  expect(await refusal(['--health-cmd', 'x', '--health-interval', '5'])).toBe(
    'invalid healthcheck-interval: time: missing unit in duration "5"',
  );
  expect(await refusal(['--health-cmd', 'x', '--no-healthcheck'])).toBe(
    'cannot specify both --no-healthcheck and --health-cmd',
  );
});

test.each([
  ['1m30s', 90e9],
  ['1.5h', 5400e9],
  ['-2ms', -2e6],
  ['0', 0],
  ['3us', 3000],
])('the duration %s is %d ns', (text, nanoseconds) => {
  expect(goDuration(text, '')).toBe(nanoseconds);
});

test('logs', async () => {
  const argv = [
    '--log-driver',
    'json-file',
    ...['path=/x', 'max-size=10mb', 'tag=t', 'other=1'].flatMap((o) => ['--log-opt', o]),
  ];
  expect((await configOf(argv)).log).toEqual({
    driver: 'json-file',
    path: '/x',
    sizeMax: 10_000_000,
    tag: 't',
    options: { other: '1' },
  });
  expect(await refusal(['--log-driver', 'what'])).toContain('invalid log driver');
  expect(await refusal(['--log-opt', 'what'])).toBe('invalid log option "what"');
});

test.each([
  [['--umask', '9'], 'invalid umask string 9: invalid argument'],
  [['--stop-signal', 'WHAT'], 'invalid signal: WHAT'],
  [['--cgroups', 'what'], 'running container create option: invalid cgroup mode "what": invalid argument'],
  [
    ['--sdnotify', 'what'],
    'invalid config provided: invalid sdnotify value "what": must be container, conmon, ignore or healthy',
  ],
  [
    ['--ipc', 'host', '--shm-size', '1m'],
    'invalid config provided: cannot set shmsize when running in the host IPC Namespace',
  ],
  [['--init', '--pid', 'host'], "cannot add init binary as PID 1 (PID namespace isn't private)"],
  [
    ['--init', '--init-path', '/no/such'],
    'container-init binary not found on the host: stat /no/such: no such file or directory',
  ],
  [
    ['--tz', 'No/Where'],
    'running container create option: finding timezone for container: stat /usr/share/zoneinfo/No/Where: no such file or directory',
  ],
  [
    ['--tz', '../../../etc/passwd'],
    'running container create option: finding timezone for container: stat /usr/share/zoneinfo/../../../etc/passwd: no such file or directory',
  ],
  [['--device', '/dev/null:x'], 'invalid device mode: x'],
  [['--device', ':'], 'invalid device specification: :'],
  [['--device-cgroup-rule', 'x 1:2 r'], 'invalid device type in device-access-add: x'],
  [
    ['--requires', 'nosuch'],
    '"nosuch" is not a valid container, cannot be used as a dependency: no container with name or ID "nosuch" found: no such container',
  ],
  [
    ['--group-add', 'keep-groups', '--group-add', 'x'],
    "the '--group-add keep-groups' option is not allowed with any other --group-add options",
  ],
  [['--oom-score-adj', '2000'], 'invalid oom-score-adj 2000: the range is -1000 to 1000'],
])('%j is refused', async (argv, message) => {
  expect(await refusal(argv)).toBe(message);
});

test('devices', async () => {
  const { devices } = await configOf(['--device', '/dev/a', '--device', '/dev/b:/dev/c:r', '--device', '/dev/d:rm']);
  expect(devices).toEqual([
    { hostPath: '/dev/a', containerPath: '/dev/a', permissions: 'rwm' },
    { hostPath: '/dev/b', containerPath: '/dev/c', permissions: 'r' },
    { hostPath: '/dev/d', containerPath: '/dev/d', permissions: 'rm' },
  ]);
});
