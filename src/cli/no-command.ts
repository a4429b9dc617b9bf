/** Command lines that name no command: help, --version, a noun alone, an unknown word. */
import { TspodError } from '../errors.ts';
import { parseArgv } from './argv.ts';
import { globalFlags } from './globals.ts';
import { nounHelp } from './help.ts';
import { childrenOf, lastWord } from './lookup.ts';
import { writeAll } from './output.ts';
import { type Program, type Words, withSeeHelp } from './program.ts';
import { suggest } from './suggest.ts';

/** Prints what such a line asks for. @throws UNKNOWN_COMMAND, UNSUPPORTED */
export async function noCommand(words: Words, program: Program): Promise<number> {
  const name = `${program.name} ${words.path}`.trimEnd();
  const [word] = words.rest;
  if (words.path === '' && words.values.get('version') === true) {
    writeAll(1, `${program.name} version ${program.version}\n`);
    return 0;
  }
  if (words.help) {
    writeAll(1, await nounHelp(program, words));
    return 0;
  }
  if (word === undefined) {
    writeAll(1, await nounHelp(program, words));
    throw new TspodError('BAD_ARGUMENT', `missing command '${name} COMMAND'`);
  }
  await refuseKnown(words, program);
  // Podman complains of a wrong flag first, wherever it stands.
  withSeeHelp(program, words.path, () => parseArgv(words.rest, [globalFlags], false));
  throw new TspodError('UNKNOWN_COMMAND', `unrecognized command \`${name} ${word}\``, {
    hint: `${question(words, word, program)}Try '${name} --help' for more information`,
  });
}

/** The longest name that Podman has: `pod create` of `pod create --name web`. */
async function refuseKnown(words: Words, program: Program): Promise<void> {
  let path = words.path;
  let known = '';
  for (const word of words.rest) {
    path = `${path} ${word}`.trimStart();
    if (!(await program.isKnownElsewhere(path))) break;
    known = path;
  }
  if (known === '') return;
  throw new TspodError('UNSUPPORTED', `\`${program.name} ${known}\` is not supported by tspod yet`);
}

function question(words: Words, word: string, program: Program): string {
  const near = suggest(
    word,
    childrenOf(program.table, words.path).map((child) => lastWord(child.path)),
  );
  return near.length === 0 ? '' : `\nDid you mean this?\n\t${near.join('\n\t')}\n\n`;
}
