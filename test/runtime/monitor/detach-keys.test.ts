import { expect, test } from 'vitest';
import { DetachFilter, parseDetachKeys } from '../../../src/runtime/monitor/detach-keys.ts';

test('sequences of single characters and control keys become bytes', () => {
  expect(parseDetachKeys('ctrl-p,ctrl-q')).toEqual([16, 17]);
  expect(parseDetachKeys('ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_')).toEqual([0, 27, 28, 29, 30, 31]);
  expect(parseDetachKeys('a,b,DEL')).toEqual([97, 98, 127]);
  expect(parseDetachKeys('')).toEqual([]);
});

test.each(['ctrl-', 'ctrl-1', 'shift-a', 'ab', 'ctrl-p,', 'CTRL-p'])('%s is refused', (keys) => {
  expect(() => parseDetachKeys(keys)).toThrow('invalid detach keys: Unknown character');
});

function type(keys: string, ...chunks: string[]): { text: string; detached: boolean } {
  const filter = new DetachFilter(parseDetachKeys(keys));
  let text = '';
  for (const chunk of chunks) {
    const { data, detached } = filter.feed(Buffer.from(chunk));
    text += Buffer.from(data).toString();
    if (detached) return { text, detached };
  }
  return { text, detached: false };
}

test('the sequence is found inside a chunk and across chunks, and is not passed on', () => {
  expect(type('ctrl-p,ctrl-q', 'ab\x10\x11cd')).toEqual({ text: 'ab', detached: true });
  expect(type('ctrl-p,ctrl-q', 'ab\x10', '\x11')).toEqual({ text: 'ab', detached: true });
  expect(type('q', 'abq')).toEqual({ text: 'ab', detached: true });
});

test('a beginning that is none is passed on, once it is clear', () => {
  expect(type('ctrl-p,ctrl-q', 'a\x10', 'b')).toEqual({ text: 'a\x10b', detached: false });
  expect(type('ctrl-p,ctrl-q', '\x10\x10\x11')).toEqual({ text: '\x10', detached: true });
  expect(type('ctrl-p,ctrl-q', '\x10x\x11')).toEqual({ text: '\x10x\x11', detached: false });
});

test('a sequence that repeats its beginning is found', () => {
  expect(type('a,a,b', 'aaab')).toEqual({ text: 'a', detached: true });
});

test('without keys nothing is held back', () => {
  expect(type('', '\x10\x11')).toEqual({ text: '\x10\x11', detached: false });
});
