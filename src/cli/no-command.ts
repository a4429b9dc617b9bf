/** Command lines that name no command: help, --version, a noun alone, an unknown word. */
import { TspodError } from '../errors.ts';
import { nounHelp } from './help.ts';
import { childrenOf, lastWord } from './lookup.ts';
import { writeAll } from './output.ts';
import type { Program, Words } from './run.ts';
import { suggest } from './suggest.ts';

/** Prints what such a line asks for. @throws UNKNOWN_COMMAND */
export async function noCommand(words: Words, program: Program): Promise<number> {
  const name = `${program.name} ${words.path}`.trimEnd();
  const [word] = words.rest;
  if (words.path === '' && words.values.get('version') === true) {
    writeAll(1, `${program.name} version ${program.version}\n`);
    return 0;
  }
  if (words.help) {
    writeAll(1, await nounHelp(program, words.path));
    return 0;
  }
  if (word === undefined) {
    writeAll(1, await nounHelp(program, words.path));
    throw new TspodError('BAD_ARGUMENT', `missing command '${name} COMMAND'`);
  }
  const known = childrenOf(program.table, words.path).map((child) => lastWord(child.path));
  const near = suggest(word, known);
  const question = near.length === 0 ? '' : `\nDid you mean this?\n\t${near.join('\n\t')}\n\n`;
  throw new TspodError('UNKNOWN_COMMAND', `unrecognized command \`${name} ${word}\``, {
    hint: `${question}Try '${name} --help' for more information`,
  });
}
