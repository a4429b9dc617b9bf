import { expect, test } from 'vitest';
import { type AnyCommand, type CommandTable, defineCommand } from '../../src/cli/command.ts';
import { commandHelp, flagLines, nounHelp } from '../../src/cli/help.ts';
import { findCommand } from '../../src/cli/lookup.ts';
import { checkOperands } from '../../src/cli/operand-count.ts';

const ps = defineCommand({
  usage: 'ps [options]',
  describe: 'List containers',
  long: 'Prints out information',
  flags: {
    'no-trunc': { type: 'boolean', describe: 'Do not truncate' },
    all: { type: 'boolean', alias: 'a', describe: 'Show all\nof them' },
    last: { type: 'number', alias: 'n', default: -1, describe: 'The last' },
    filter: { type: 'list', describe: 'Filter' },
    sort: { type: 'string', default: 'id', valueName: 'choice', describe: 'Sort' },
    publish: { type: 'csv', default: ['a', 'b'], describe: 'Ports' },
    log: { type: 'optional', whenBare: 'x', describe: 'Log' },
    secret: { type: 'string', hidden: true, describe: '' },
    remote: { type: 'string', unsupported: 'no', describe: '' },
  },
  examples: ['ps -a'],
  handler: () => 0,
});
const hidden: AnyCommand = { ...ps, hidden: true };
const table: CommandTable = {
  rows: [
    ['ps|container list|container ls', async () => ({ default: ps as AnyCommand })],
    ['secretly', async () => ({ default: hidden })],
  ],
  nouns: { container: 'Manage containers', image: 'Manage images', pod: '', 'container deep': 'Deep' },
};

test('help of a command has the sections of Podman', () => {
  const found = findCommand(table, 'container ls');
  if (!found) throw new Error('not found');
  expect(commandHelp('podman', found, ps as AnyCommand)).toBe(`List containers

Description:
  Prints out information

Usage:
  podman container list [options]

Aliases:
  list, ls

Examples:
  podman ps -a

Options:
  -a, --all                  Show all
                             of them
      --filter stringArray   Filter
  -n, --last int             The last (default -1)
      --log string[="x"]     Log
      --no-trunc             Do not truncate
      --publish strings      Ports (default [a,b])
      --sort choice          Sort (default "id")

`);
});

test('help of a noun lists what is below it, without what is hidden or empty', async () => {
  const help = await nounHelp({ name: 'podman', table }, { path: 'container', values: new Map() });
  expect(help).toBe(`Manage containers

Description:
  Manage containers

Usage:
  podman container [command]

Available Commands:
  list        List containers

`);
  const root = await nounHelp({ name: 'podman', table }, { path: '', values: new Map() });
  expect(root).toContain(
    'Available Commands:\n  container   Manage containers\n  ps          List containers\n\nOptions:\n',
  );
  expect(root).toContain('\n  -r, --remote ');
});

test('--remote is not offered once a service was chosen', async () => {
  const help = await nounHelp({ name: 'podman', table }, { path: '', values: new Map([['url', 'tcp://x']]) });
  expect(help).not.toContain('--remote ');
});

test('flags without any to show give no section', () => {
  expect(flagLines({ x: { type: 'string', hidden: true, describe: '' } })).toBe('');
});

test.each([
  [{}, 5, null],
  [undefined, 1, '`podman x` takes no arguments'],
  [{ min: 1 }, 0, 'requires at least 1 arg(s), only received 0'],
  [{ max: 1 }, 2, 'accepts at most 1 arg(s), received 2'],
  [{ min: 2, max: 2 }, 1, 'accepts 2 arg(s), received 1'],
  [{ min: 1, max: 2 }, 3, 'accepts between 1 and 2 arg(s), received 3'],
])('operands %j refuse %d with %s', (operands, count, message) => {
  const command = { ...ps, ...(operands ? { operands } : {}) } as AnyCommand;
  const check = () => checkOperands(command, count, 'podman x');
  if (message === null) expect(check).not.toThrow();
  else expect(check).toThrow(message);
});
