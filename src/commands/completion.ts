import { writeFileSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { completionScript, SHELLS, type Shell } from '../cli/completion/scripts.ts';
import { messageOf, TspodError } from '../errors.ts';

export default defineCommand({
  usage: 'completion [options] {bash|zsh|fish}',
  describe: 'Generate shell autocompletions',
  long: 'Generate shell autocompletions.\n  Valid arguments are bash, zsh and fish.',
  engineless: true,
  hidden: true,
  flags: {
    file: {
      type: 'string',
      alias: 'f',
      describe: 'Output the completion to file rather than stdout.',
      complete: 'files',
    },
    'no-desc': { type: 'boolean', describe: "Don't include descriptions in the completion output." },
  },
  operands: { min: 1, max: 1 },
  examples: ['completion bash', 'completion zsh -f _tspod', 'completion fish --no-desc'],
  handler({ operands: [shell = ''], file, noDesc }, context) {
    if (!isShell(shell)) {
      throw new TspodError('BAD_ARGUMENT', `invalid argument "${shell}" for "${context.program} completion"`, {
        hint: `Choose from: ${SHELLS.join(', ')}`,
      });
    }
    const script = completionScript(shell, context.program, !noDesc);
    if (file === undefined) context.stdout(script);
    else save(file, script);
  },
});

function isShell(text: string): text is Shell {
  return (SHELLS as readonly string[]).includes(text);
}

function save(file: string, script: string): void {
  try {
    writeFileSync(file, script, { mode: 0o644 });
  } catch (cause) {
    throw new TspodError('SYSTEM', `writing completion script: ${messageOf(cause)}`, { cause });
  }
}
