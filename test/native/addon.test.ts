import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, native, systemError } from '../../src/system/native.ts';

describe('the addon', () => {
  it('exports what its TypeScript face declares, and nothing else', () => {
    const source = readFileSync(`${import.meta.dirname}/../../src/system/native.ts`, 'utf8');
    const face = /export interface Addon \{\n(.*?)\n\}/s.exec(source)?.[1] ?? '';
    const declared = [...face.matchAll(/^ {2}(\w+)\(/gm)].map((match) => match[1]);
    expect(Object.keys(native()).toSorted()).toEqual(declared.toSorted());
  });

  it('returns -errno, which becomes the error that node:fs would throw', () => {
    expect(native().syncfs(-1)).toBe(-9);
    expect(() => check(native().umount('/nowhere', 0), 'umount', '/nowhere')).toThrow(
      expect.objectContaining({
        code: 'ENOENT',
        errno: -2,
        syscall: 'umount',
        path: '/nowhere',
        message: "ENOENT: no such file or directory, umount '/nowhere'",
      }),
    );
    expect(systemError(-9999, 'nothing').code).toBe('E9999');
  });

  it('computes CRC-64/ISO as Go does', () => {
    const state = Buffer.alloc(8);
    native().crc64(state, Buffer.from('12345'));
    native().crc64(state, Buffer.from('6789'));
    expect(state.toString('hex')).toBe('b90956c775a41001');
  });
});
