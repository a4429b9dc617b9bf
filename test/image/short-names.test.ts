/** What a short name means: aliases, search registries, and the question on a terminal. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadRegistriesConf } from '../../src/config/registries-conf.ts';
import { aliasCacheFile } from '../../src/config/registries-conf-files.ts';
import { type ChooseName, pullNames } from '../../src/image/short-names.ts';
import { formatReference } from '../../src/registry/reference.ts';
import { exec, must } from '../helpers/exec.ts';
import { binary, newEngine, type TestEngine } from '../helpers/tspod.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function names(text: string, name: string, choose?: ChooseName) {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-conf-'));
  folders.push(folder);
  writeFileSync(join(folder, 'registries.conf'), text);
  const found = pullNames(loadRegistriesConf(join(folder, 'registries.conf')), name, choose);
  return { ...found, candidates: found.candidates.map(formatReference) };
}

const two = 'unqualified-search-registries=["a.example","b.example"]\n';

describe('a short name', () => {
  it('with an alias is that, in every mode, with its own tag', () => {
    for (const mode of ['enforcing', 'permissive', 'disabled']) {
      const text = `${two}short-name-mode="${mode}"\n[aliases]\n"x"="c.example/y"\n`;
      expect(names(text, 'x:1')).toMatchObject({ candidates: ['c.example/y:1'], isAlias: true });
    }
  });

  it('without one is tried in all search registries, or refused when somebody should be asked', () => {
    const both = ['a.example/x:latest', 'b.example/x:latest'];
    expect(names(two, 'x').candidates).toEqual(both);
    expect(names(`${two}short-name-mode="disabled"`, 'x', () => 'never').candidates).toEqual(both);
    expect(() => names(`${two}short-name-mode="enforcing"`, 'x')).toThrow('cannot prompt without a TTY');
    const one = 'unqualified-search-registries=["a.example"]\nshort-name-mode="enforcing"';
    expect(names(one, 'x').candidates).toEqual(['a.example/x:latest']);
  });

  it('is what the user chooses, where one can be asked', () => {
    const asked: string[][] = [];
    const choose = (list: string[]) => {
      asked.push(list);
      return list[1] ?? '';
    };
    expect(names(two, 'x:1', choose)).toMatchObject({ candidates: ['b.example/x:1'], chosenFor: 'x', description: '' });
    expect(asked).toEqual([['a.example/x:1', 'b.example/x:1']]);
  });
});

describe('on a terminal', () => {
  const registry = inject('registry');
  let engine: TestEngine;
  beforeAll(() => {
    engine = newEngine({
      registries: `unqualified-search-registries=["nowhere.example", "${registry}"]\n[[registry]]\nlocation="${registry}"\ninsecure=true\n`,
    });
  });
  afterAll(() => engine.cleanup());

  /** In a mount namespace of its own: root's cache of short names is a folder of the machine. */
  function onTerminal(answer: string, ...args: string[]) {
    const line = [binary, ...engine.globals, ...args].join(' ');
    const inside = `mkdir -p /var/cache/containers; mount --bind ${engine.dir} /var/cache/containers; exec script -qefc '${line}' /dev/null`;
    return exec('unshare', ['--mount', 'sh', '-c', inside], { env: engine.env, input: answer });
  }

  it('the answer is remembered when the pull succeeds', async () => {
    const { stdout, exitCode } = await onTerminal('2\n', 'pull', '-q', 'library/busybox');
    expect(stdout).toMatch(/Please select an image:\s+1\) nowhere\.example\/library\/busybox:latest\s+2\) /);
    expect(exitCode).toBe(0);
    const file = join(engine.dir, 'short-name-aliases.conf');
    expect(readFileSync(file, 'utf8')).toBe(`[aliases]\n  "library/busybox" = "${registry}/library/busybox"\n`);
    const again = await onTerminal('', 'pull', '-q', 'library/busybox');
    expect(again.stdout).not.toContain('Please select');
    expect(again.exitCode).toBe(0);
  });

  it('an answer that is none of them pulls nothing', async () => {
    const { stdout, exitCode } = await onTerminal('7\n', 'pull', '-q', 'library/nginx');
    expect(stdout).toMatch(/"7" is none of the images to choose from/);
    expect(exitCode).toBe(125);
    expect(await must(binary, [...engine.globals, 'images', '-q', 'library/nginx'])).toBe('');
  });

  it('the file is where Podman has it', () => {
    expect(aliasCacheFile()).toMatch(/containers\/short-name-aliases\.conf$/);
    expect(existsSync(join(engine.dir, 'short-name-aliases.conf.lock'))).toBe(true);
  });
});
