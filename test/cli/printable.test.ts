import { expect, test } from 'vitest';
import { errorText } from '../../src/cli/exit-code.ts';
import { formatRows } from '../../src/cli/format.ts';
import { TspodError } from '../../src/errors.ts';

test('escape sequences in a cell of a table are shown, not sent to the terminal', () => {
  const text = formatRows({
    rows: [{ command: '\u001b]52;c;aGk=\u0007 a\nb\u009b' }],
    table: [['COMMAND', 'command']],
  });
  expect(text).toBe('COMMAND\n\\x1b]52;c;aGk=\\x07 a\\nb\\x9b\n');
});

test('an error that quotes a stranger keeps its lines and loses its escapes', () => {
  const text = errorText(new TspodError('REGISTRY', 'first\u001b[2J\nsecond'));
  expect(text).toBe('Error: first\\x1b[2J\nsecond\n');
});
