import { afterAll, describe, expect, test } from 'vitest';
import { exec, must } from '../helpers/exec.ts';
import { binary, newEngine } from '../helpers/tspod.ts';

const engine = newEngine();
afterAll(() => engine.cleanup());

test('__complete prints candidates, the directive, and its name on standard error', async () => {
  const { stdout, stderr } = await exec(binary, ['__complete', ...engine.globals, 'image', 'lo']);
  expect(stdout).toBe('load\tLoad image(s) from a tar archive\n:4\n');
  expect(stderr).toBe('Completion ended with directive: ShellCompDirectiveNoFileComp\n');
  expect((await exec(binary, ['__completeNoDesc', 'image', 'lo'])).stdout).toBe('load\n:4\n');
});

test('names of volumes in the store that the line chooses are offered', async () => {
  await engine.ok('volume', 'create', 'data');
  const { stdout } = await exec(binary, ['__complete', ...engine.globals, 'volume', 'rm', '']);
  expect(stdout).toBe('data\n:4\n');
});

describe('bash', () => {
  const inBash = async (...words: string[]) => {
    const script =
      'source <("$0" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); __tspod_complete; echo "$COMPREPLY"';
    return (await must('bash', ['-c', script, binary, binary, ...words])).trim();
  };

  test('completes commands and values', async () => {
    expect(await inBash('ren')).toBe('rename');
    expect(await inBash('--log-level', 'de')).toBe('debug');
    expect(await inBash('ps', '--no-')).toBe('--no-trunc');
  });
});

test('an unknown shell is refused', async () => {
  const { stderr, exitCode } = await engine.tspod('completion', 'tcsh');
  expect(stderr).toBe('Error: invalid argument "tcsh" for "tspod completion"\nChoose from: bash, zsh, fish\n');
  expect(exitCode).toBe(125);
});
