import { expect, test } from 'vitest';
import { parseSignal, signalName } from '../../src/runtime/signals.ts';

test.each([
  ['TERM', 15],
  ['SIGTERM', 15],
  ['sigterm', 15],
  ['-INT', 2],
  ['-SIGUSR1', 10],
  ['9', 9],
  ['-1', 1],
  ['64', 64],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
])('%s is signal %i', (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

// The lists and words are those of Podman's test 130-kill.
test.each(['0', 'SIGBADSIG', 'SIG', 'BADSIG', '%%', '!', "''", '""', ' '])('%j is an invalid signal', (text) => {
  expect(() => parseSignal(text)).toThrow(`invalid signal: ${text}`);
});

test.each(['-0', '-SIGBADSIG', '-SIG', '-BADSIG', '-'])('the dash of %s does not show in the message', (text) => {
  expect(() => parseSignal(text)).toThrow(`invalid signal: ${text.slice(1)}`);
});

test.each(['65', '-65', '96', '999', '99999999'])('%s is out of range', (text) => {
  expect(() => parseSignal(text)).toThrow('valid signals are 1 through 64');
});

test('a signal without a name is shown as its number', () => {
  expect([signalName(15), signalName(40)]).toEqual(['SIGTERM', '(40)']);
});
