import { readSync } from 'node:fs';
import type { Context } from '../cli/command.ts';

/** Shows the warning and asks whether to go on. */
export function confirmed(warning: string, context: Context): boolean {
  context.stdout(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = Buffer.alloc(16);
  return /^y/i.test(answer.toString('latin1', 0, readSync(0, answer)));
}
