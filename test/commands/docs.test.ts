import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { manual } from '../../src/cli/manual.ts';
import { commands } from '../../src/commands/index.ts';

const dir = resolve(import.meta.dirname, '../../docs/commands');
const pages = await manual(commands);

test('docs/commands has a page for every command and no other: else run scripts/make-docs', () => {
  expect(readdirSync(dir).sort()).toEqual([...pages.keys()].sort());
});

test.each([...pages.keys()])('docs/commands/%s says what the tables say: else run scripts/make-docs', (file) => {
  expect(readFileSync(join(dir, file), 'utf8')).toBe(pages.get(file));
});

test('every command is declared in a form that parser, help and completion can use', async () => {
  for (const [names, load] of commands.rows) {
    const { default: command } = await load();
    const [first = ''] = names.split('|');
    if (first.startsWith('__')) continue;
    const letters = Object.values(command.flags).flatMap(({ alias }) => alias ?? []);
    expect(new Set(letters).size, `${first}: one letter for two flags`).toBe(letters.length);
    const known = Object.entries(command.flags).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
    expect(new Set(known).size, `${first}: one name for two flags`).toBe(known.length);
    const hasShownFlags = Object.values(command.flags).some((flag) => !flag.hidden && flag.unsupported === undefined);
    expect(command.usage.includes('[options]'), `${first}: [options] in the usage`).toBe(hasShownFlags);
  }
});
