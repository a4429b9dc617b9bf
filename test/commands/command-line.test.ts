/** What the program does with a command line before any command runs: the built tspod as a process. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { exec } from '../helpers/exec.ts';
import { binary } from '../helpers/tspod.ts';

const dir = mkdtempSync(join(tmpdir(), 'tspod-line-'));
afterAll(() => rmSync(dir, { recursive: true }));

const tspod = (...args: string[]) => exec(binary, ['--root', join(dir, 'r'), '--runroot', join(dir, 'rr'), ...args]);

describe('mistakes end with 125 and say where to read on', () => {
  test.each([
    [['nosuchcommand'], "Error: unrecognized command `tspod nosuchcommand`\nTry 'tspod --help' for more information\n"],
    [
      ['imags'],
      "Error: unrecognized command `tspod imags`\n\nDid you mean this?\n\timage\n\timages\n\nTry 'tspod --help' for more information\n",
    ],
    [
      ['container', 'nosuch'],
      "Error: unrecognized command `tspod container nosuch`\nTry 'tspod container --help' for more information\n",
    ],
    [['nosuch', '--invalid'], "Error: unknown flag: --invalid\nSee 'tspod --help'\n"],
    [['--foo', 'ps'], "Error: unknown flag: --foo\nSee 'tspod --help'\n"],
    [['ps', '--foo'], "Error: unknown flag: --foo\nSee 'tspod ps --help'\n"],
    [['container', 'ls', '--foo'], "Error: unknown flag: --foo\nSee 'tspod container list --help'\n"],
    [['version', '--remote'], "Error: unknown flag: --remote\nSee 'tspod version --help'\n"],
    [['run', '-h'], "Error: flag needs an argument: 'h' in -h\nSee 'tspod run --help'\n"],
    [['run'], 'Error: requires at least 1 arg(s), only received 0\n'],
    [['version', 'x'], 'Error: `tspod version` takes no arguments\n'],
    [['pod', 'clone', 'x'], 'Error: `tspod pod clone` is not supported by tspod yet\n'],
    [['swarm', 'init'], 'Error: `tspod swarm init` is not supported by tspod yet\n'],
    [['--remote', 'ps'], 'Error: unsupported flag: --remote: tspod has no remote mode\n'],
    [['--url', 'tcp://x', 'ps'], 'Error: unsupported flag: --url: tspod has no remote mode\n'],
    [['--cgroup-manager', 'x', 'info'], 'Error: cgroup manager "x" is not supported: choose "cgroupfs" or "systemd"\n'],
    [['ps', '--format', '{{.Nope'], "Error: template: ps:1: bad character U+007B '{'\n"],
    [['ps', '--format', '{{nope}}'], 'Error: template: ps:1: function "nope" not defined\n'],
  ])('%j', async (args, stderr) => {
    expect(await tspod(...args)).toEqual({ stdout: '', stderr, exitCode: 125 });
  });
});

test('a noun alone prints its help and is a mistake', async () => {
  const { stdout, stderr, exitCode } = await tspod('container');
  expect(stdout).toMatch(/^Manage containers\n[\s\S]*Available Commands:\n/);
  expect([stderr, exitCode]).toEqual(["Error: missing command 'tspod container COMMAND'\n", 125]);
});

test.each([
  ['--help'],
  ['-h'],
  ['help'],
  ['container', '--help'],
  ['help', 'container'],
  ['ps', '--help'],
  ['run', '--help'],
])('help is printed for %s %s', async (...args) => {
  const { stdout, stderr, exitCode } = await tspod(...args);
  expect(stdout).toMatch(/\nUsage:\n {2}tspod /);
  expect([stderr, exitCode]).toEqual(['', 0]);
});

test('the program is known by the name it was called by', async () => {
  symlinkSync(binary, join(dir, 'podman'));
  const { stdout, stderr } = await exec(join(dir, 'podman'), ['run', '--foo']);
  expect([stdout, stderr]).toEqual(['', "Error: unknown flag: --foo\nSee 'podman run --help'\n"]);
  expect((await exec(join(dir, 'podman'), ['-v'])).stdout).toMatch(/^podman version \d/);
});

test('a reader that goes away ends the program quietly', async () => {
  const { stdout, stderr } = await exec('sh', ['-c', `${binary} --help | head -n1`]);
  expect([stdout, stderr]).toEqual(['Manage pods, containers and images\n', '']);
});

test('a module that does not exist is told before the command is looked at, with 1', async () => {
  expect(await tspod('--module=/no/such,module', 'nosuchcommand')).toMatchObject({
    stderr:
      'Failed to obtain podman configuration: could not resolve module "/no/such,module": faccessat /no/such,module: no such file or directory\n',
    exitCode: 1,
  });
  const { stderr, exitCode } = await tspod('--module=nosuch', 'version');
  const [first, ...places] = stderr.trimEnd().split('\n');
  expect(first).toBe(
    `Failed to obtain podman configuration: could not resolve module "nosuch": ${places.length} errors occurred:`,
  );
  expect(places.at(-1)).toBe(
    '\t* faccessat /usr/share/containers/containers.conf.modules/nosuch: no such file or directory',
  );
  expect(exitCode).toBe(1);
});

test('the help of push shows the compression that containers.conf chooses', async () => {
  const conf = join(dir, 'compression.conf');
  writeFileSync(conf, '[engine]\ncompression_format = "zstd:chunked"\ncompression_level = 1\n');
  const { stdout } = await exec('env', [`CONTAINERS_CONF=${conf}`, binary, 'push', '--help']);
  expect(stdout).toMatch(
    /--compression-format string .*\(default "zstd:chunked"\)\n.*--compression-level int .*\(default 1\)\n/,
  );
});

test('system renumber says nothing, and volumes are what they were', async () => {
  await tspod('volume', 'create', 'kept');
  expect(await tspod('system', 'renumber')).toMatchObject({ stdout: '', stderr: '', exitCode: 0 });
  expect((await tspod('volume', 'ls', '-q')).stdout).toBe('kept\n');
});

test('diff takes a container or the latest one, not both', async () => {
  expect(await tspod('container', 'diff', '-l', 'x')).toMatchObject({
    stderr: 'Error: --latest and containers cannot be used together\n',
    exitCode: 125,
  });
});

describe('log levels', () => {
  test('unknown ones are told without "Error:", with 1', async () => {
    expect(await tspod('--log-level=telepathic', 'version')).toMatchObject({
      stderr: expect.stringMatching(/^Log Level "telepathic" is not supported, choose from: trace, debug, /),
      exitCode: 1,
    });
    expect((await tspod('--debug', '--log-level=info', 'version')).exitCode).toBe(1);
  });

  test.each([
    ['trace', ['trace', 'debug', 'info']],
    ['debug', ['debug', 'info']],
    ['info', ['info']],
    ['warn', []],
  ])('%s shows lines of the levels %j', async (level, shown) => {
    const { stderr } = await tspod(`--log-level=${level}`, 'version');
    const levels = [...stderr.matchAll(/ level=(\w+) /g)].map((match) => match[1]);
    expect([...new Set(levels)].sort()).toEqual([...shown].sort());
  });
});

test('--out sends the output to a file and --noout to nowhere', async () => {
  const file = join(dir, 'out.json');
  expect((await tspod('--out', file, 'version', '--format', 'json')).stdout).toBe('');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('Client.Version');
  expect((await tspod('--noout', 'version')).stdout).toBe('');
});
