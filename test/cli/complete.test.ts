import { describe, expect, test } from 'vitest';
import { type AnyCommand, type CommandTable, defineCommand } from '../../src/cli/command.ts';
import { complete } from '../../src/cli/completion/complete.ts';
import type { Names } from '../../src/cli/completion/protocol.ts';
import { completionScript, SHELLS } from '../../src/cli/completion/scripts.ts';

const run = defineCommand({
  usage: 'run [options] IMAGE [COMMAND [ARG...]]',
  describe: 'Run a command',
  passthrough: true,
  flags: {
    env: { type: 'list', alias: 'e', describe: 'Set variables' },
    'env-file': { type: 'list', describe: 'Read variables' },
    network: { type: 'list', describe: 'Network' },
    pull: { type: 'string', describe: 'Pull image policy ("always"|"missing")' },
    rm: { type: 'boolean', describe: 'Remove' },
    name: { type: 'string', describe: 'Name' },
    sysctl: { type: 'list', hidden: true, describe: '' },
    gpus: { type: 'string', describe: '', unsupported: 'no' },
  },
  operands: { min: 1 },
  handler: () => 0,
});
const rm = { ...run, usage: 'rm [options] CONTAINER [CONTAINER...]', describe: 'Remove', passthrough: false };
const rename = { ...run, usage: 'rename CONTAINER NAME', describe: 'Rename', flags: {}, passthrough: false };
const ps = {
  ...run,
  usage: 'ps [options]',
  describe: 'List',
  flags: {
    filter: { type: 'list', alias: 'f', describe: '' },
    sort: { type: 'string', describe: 'Sort output by: id, size' },
  },
};
const row = (names: string, command: unknown) => [names, async () => ({ default: command as AnyCommand })] as const;
const table: CommandTable = {
  rows: [row('run|container run', run), row('rm|container rm', rm), row('rename', rename), row('ps', ps)],
  nouns: { container: 'Manage containers' },
};
const names: Names = {
  containers: () => [
    { id: 'c0ffee000000aaaa', name: 'web' },
    { id: 'bad000000000bbbb', name: 'db' },
  ],
  images: () => [{ id: '5ea000000000cccc', names: ['docker.io/library/nginx:latest'] }],
  networks: () => ['podman'],
  pods: () => [{ id: 'dddd2222'.padEnd(64, '0'), name: 'shop' }],
  volumes: () => ['data'],
  registries: () => ['quay.io'],
  sysctls: () => ['net.ipv4.', 'vm.'],
  interfaces: () => ['lo'],
};

const offered = async (...words: string[]) => {
  const { candidates, directive } = await complete(table, words, names);
  return [...candidates.map(({ text }) => text), directive];
};

describe('candidates', () => {
  test.each([
    [[''], ['container', 'ps', 'rename', 'rm', 'run', 4]],
    [['r'], ['rename', 'rm', 'run', 4]],
    [
      ['container', ''],
      ['rm', 'run', 4],
    ],
    [['nosuch', ''], [0]],
    [
      ['--log-level', 'de'],
      ['debug', 4],
    ],
    [
      ['--log-level', 'debug', 'ru'],
      ['run', 4],
    ],
    [
      ['run', '--'],
      ['--env', '--env-file', '--name', '--network', '--pull', '--rm', '--help', 4],
    ],
    [['run', '--rm', '--name', 'x', '--r'], [4]],
    [
      ['run', '-e', 'A=1', '--en'],
      ['--env', '--env-file', 4],
    ],
    [
      ['run', '-'],
      ['--env', '-e', '--env-file', '--name', '--network', '--pull', '--rm', '--help', 4],
    ],
    [
      ['run', '--pull', ''],
      ['always', 'missing', 4],
    ],
    [
      ['run', '--pull=m'],
      ['missing', 4],
    ],
    [['run', '--env-file', ''], [0]],
    [['run', '--name', ''], [4]],
    [
      ['run', '--sysctl', 'net.'],
      ['net.ipv4.', 4],
    ],
    [
      ['run', '--network', 'p'],
      ['private', 'podman', 4],
    ],
    [
      ['run', ''],
      ['docker.io/library/nginx:latest', 4],
    ],
    [
      ['run', 'ng'],
      ['nginx:latest', 4],
    ],
    [
      ['run', '5ea'],
      ['5ea000000000', 4],
    ],
    [['run', 'nginx', ''], [0]],
    [['run', 'nginx', '-'], [0]],
    [
      ['rm', ''],
      ['web', 'db', 4],
    ],
    [
      ['rm', 'web', ''],
      ['db', 4],
    ],
    [
      ['rm', 'c0'],
      ['c0ffee000000', 4],
    ],
    [['rm', '--', '-'], [4]],
    [['rename', 'web', 'x', ''], [4]],
    [['ps', ''], [4]],
    [
      ['ps', '--filter', 'sta'],
      ['status=', 6],
    ],
    [
      ['ps', '--filter=sta'],
      ['status=', 6],
    ],
    [
      ['ps', '-f', 'na'],
      ['name=', 6],
    ],
    [
      ['ps', '--sort', ''],
      ['id', 'size', 4],
    ],
    [['ps', '--wrong', ''], [4]],
  ])('%j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  test('have the descriptions of the tables', async () => {
    const { candidates } = await complete(table, ['ru'], names);
    expect(candidates).toEqual([{ text: 'run', description: 'Run a command' }]);
  });
});

test.each(SHELLS)(
  'the script for %s calls the program that is typed, with descriptions only where they are shown',
  (shell) => {
    const script = completionScript(shell, 'tspod', true);
    expect(script).toContain(shell === 'bash' ? '__completeNoDesc' : '__complete');
    expect(completionScript(shell, 'tspod', false)).toContain('__completeNoDesc');
  },
);
