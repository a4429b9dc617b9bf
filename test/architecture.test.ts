/** Holds the direction of imports: docs/architecture.md has the picture. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '../src');
const everyone = ['oci', 'errors.ts'];
const below: Record<string, string[]> = {
  oci: [],
  'errors.ts': [],
  system: [],
  config: ['system'],
  registry: ['config', 'system'],
  storage: ['config', 'system'],
  network: ['storage', 'config', 'system'],
  image: ['registry', 'storage', 'config', 'system'],
  runtime: ['network', 'storage', 'config', 'system'],
  'engine.ts': ['runtime', 'image', 'network', 'storage', 'registry', 'config', 'system'],
  cli: ['engine.ts', 'config', 'system'],
  commands: ['cli', 'engine.ts', 'image', 'runtime', 'network', 'storage', 'registry', 'config', 'system'],
  'new-container.ts': ['cli', 'commands', 'engine.ts', 'image', 'runtime'],
  'index.ts': [
    'new-container.ts',
    'engine.ts',
    'image',
    'runtime',
    'network',
    'storage',
    'registry',
    'config',
    'system',
  ],
  'main.ts': ['cli', 'commands', 'engine.ts'],
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '');
  return specifiers.map((specifier) => relative(src, resolve(src, dirname(file), specifier)));
}

const partOf = (file: string) => file.split('/')[0] ?? '';

test.each(files)('%s imports only from parts below its own', (file) => {
  const own = partOf(file);
  const allowed = new Set([own, ...everyone, ...(below[own] ?? [])]);
  const wrong = importsOf(file).filter((imported) => !allowed.has(partOf(imported)));
  expect(wrong).toEqual([]);
});

test('only src/system/native.ts loads the addon', () => {
  const loading = files.filter((file) => readFileSync(join(src, file), 'utf8').includes('addon.node'));
  expect(loading).toEqual(['system/native.ts']);
});
