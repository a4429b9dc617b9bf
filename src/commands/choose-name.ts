/** Asks on the terminal which registry a short name means. */
import type { Context } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { ChooseName } from '../image/short-names.ts';
import { promptLine } from './prompt.ts';

/** Undefined where nobody can be asked: standard input and output both have to be a terminal. */
export function chooseName(context: Context): ChooseName | undefined {
  if (!context.stdinIsTerminal || !context.stdoutIsTerminal) return undefined;
  return (names) => {
    const lines = names.map((name, index) => `  ${index + 1}) ${name}\n`);
    context.stdout(`Please select an image:\n${lines.join('')}`);
    const answer = promptLine(context, `1-${names.length}: `).trim();
    const name = names.find((known, index) => answer === String(index + 1) || answer === known);
    if (name !== undefined) return name;
    throw new TspodError('BAD_ARGUMENT', `${JSON.stringify(answer)} is none of the images to choose from`);
  };
}
