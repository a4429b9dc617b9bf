import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makePipe, readToEnd } from '../../src/system/pipe.ts';
import { launch, run, runAsync, waitChild } from '../../src/system/spawn.ts';

const sh = (script: string) => ({ file: 'sh', args: ['-c', script] });

for (const [name, start] of [['run', run] as const, ['runAsync', runAsync] as const]) {
  describe(name, () => {
    it('captures both streams and the exit code', async () => {
      expect(await start(sh('echo out; echo err >&2; exit 3'))).toEqual({
        status: 3,
        signal: null,
        stdout: 'out\n',
        stderr: 'err\n',
      });
    });

    it('feeds an input larger than a pipe', async () => {
      const input = 'x'.repeat(1_000_000);
      expect((await start({ file: 'cat', args: [], input })).stdout).toBe(input);
    });

    it('survives a program that does not read its input', async () => {
      expect((await start({ file: 'true', args: [], input: 'y'.repeat(1_000_000) })).status).toBe(0);
    });

    it('reports the signal that ended the program', async () => {
      expect(await start(sh('kill -15 $$'))).toMatchObject({ status: null, signal: 15 });
    });

    it('kills the program when its time is over', async () => {
      expect(await start({ file: 'sleep', args: ['60'], timeoutMs: 50 })).toMatchObject({ status: null, signal: 9 });
    });

    it('throws ENOENT for a program that does not exist', async () => {
      await expect(async () => start({ file: '/no/such/program', args: [] })).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('passes the environment and the folder, and no others', async () => {
      const result = await start({ file: '/usr/bin/env', args: [], env: { A: 'b', C: undefined }, cwd: '/' });
      expect(result.stdout).toBe('A=b\n');
      expect((await start({ ...sh('pwd'), cwd: '/tmp' })).stdout).toBe('/tmp\n');
    });

    it('leaks no fd of ours', async () => {
      const leaked = openSync('/etc/passwd', 'r');
      try {
        expect((await start({ file: 'ls', args: ['/proc/self/fd'] })).stdout).toBe('0\n1\n2\n3\n');
      } finally {
        closeSync(leaked);
      }
    });

    it('starts the program with no signal ignored or blocked', async () => {
      const { stdout } = await start(sh('grep -E "^Sig(Blk|Ign)" /proc/self/status'));
      expect(stdout).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
    });
  });
}

describe('launch', () => {
  it('places fds, also where they would overwrite each other', async () => {
    const [a, b] = [makePipe(), makePipe()];
    const swapped = { [b[1]]: a[1], [a[1]]: b[1] };
    const pid = launch({ file: 'bash', args: ['-c', `printf first >&${b[1]}; printf second >&${a[1]}`], fds: swapped });
    closeSync(a[1]);
    closeSync(b[1]);
    expect((await readToEnd(a[0])).toString()).toBe('first');
    expect((await readToEnd(b[0])).toString()).toBe('second');
    expect(await waitChild(pid)).toEqual({ status: 0, signal: null });
    closeSync(a[0]);
    closeSync(b[0]);
  });

  it('makes a session of its own when detached', async () => {
    const [read, write] = makePipe();
    const pid = launch({ file: 'sh', args: ['-c', 'cut -d" " -f6 /proc/$$/stat'], detached: true, fds: { 1: write } });
    closeSync(write);
    expect(Number((await readToEnd(read)).toString())).toBe(pid);
    await waitChild(pid);
    closeSync(read);
  });
});
