import { describe, expect, it } from 'vitest';
import { bootId, isAlive, startTime, waitExit } from '../../src/system/proc.ts';
import { launch, waitChild } from '../../src/system/spawn.ts';

describe('processes', () => {
  it('are told apart by their start time', () => {
    const started = startTime(process.pid);
    expect(started).toBeGreaterThan(0);
    expect(isAlive(process.pid, started ?? 0)).toBe(true);
    expect(isAlive(process.pid, (started ?? 0) + 1)).toBe(false);
    expect(startTime(4194304)).toBeNull();
  });

  it('count as gone when they are zombies', async () => {
    const pid = launch({ file: 'true', args: [] });
    await waitExit(pid);
    expect(startTime(pid)).toBeNull();
    expect(await waitChild(pid)).toEqual({ status: 0, signal: null });
    await waitExit(pid);
  });

  it('know the boot they belong to', () => {
    expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
  });
});
