import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdLock, tryLock, withLock, withLockSync } from '../../src/system/lock.ts';
import { run } from '../../src/system/spawn.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync('/tmp/tspod-lock-');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('locks', () => {
  it('exclude each other even inside one process', () => {
    const lock = tryLock(`${dir}/a`, 'exclusive');
    expect(tryLock(`${dir}/a`, 'shared')).toBeNull();
    lock?.release();
    const again = tryLock(`${dir}/a`, 'shared');
    expect(again).not.toBeNull();
    again?.release();
  });

  it('are shared by readers', () => {
    const locks = [tryLock(`${dir}/a`, 'shared'), tryLock(`${dir}/a`, 'shared')];
    expect(locks.every((lock) => lock !== null)).toBe(true);
    for (const lock of locks) lock?.release();
  });

  it('make waiters wait their turn without stopping the event loop', async () => {
    const first = await holdLock(`${dir}/a`, 'exclusive');
    const order: string[] = [];
    const waiting = Promise.all(
      ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => withLock(`${dir}/a`, 'exclusive', () => order.push(name))),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push('a');
    first.release();
    await waiting;
    expect(order[0]).toBe('a');
    expect(order.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  it('are released when the work fails', async () => {
    const fail = () => {
      throw new Error('no');
    };
    await expect(withLock(`${dir}/a`, 'exclusive', fail)).rejects.toThrow('no');
    expect(() => withLockSync(`${dir}/a`, 'exclusive', fail)).toThrow('no');
    expect(withLockSync(`${dir}/a`, 'exclusive', () => 1)).toBe(1);
  });

  it('are seen by the POSIX record locks of other processes', () => {
    const script = `import fcntl,sys
f=open('${dir}/a','r+')
try: fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB); print('free')
except OSError: print('busy')`;
    withLockSync(`${dir}/a`, 'exclusive', () => {
      expect(run({ file: 'python3', args: ['-c', script] }).stdout).toBe('busy\n');
    });
    expect(run({ file: 'python3', args: ['-c', script] }).stdout).toBe('free\n');
    expect(readFileSync(`${dir}/a`).length).toBe(0);
  });
});
