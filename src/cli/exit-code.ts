import { type ErrorCode, TspodError } from '../errors.ts';
import { printableLines } from './printable.ts';
import { systemErrorText } from './system-error.ts';

const CODES: Partial<Record<ErrorCode, number>> = { COMMAND_NOT_EXECUTABLE: 126, COMMAND_NOT_FOUND: 127 };

/** The only place that turns errors into numbers: 125 for the engine's own, 126 and 127 as a shell has them. */
export function exitCodeOf(error: unknown, overrides: Partial<Record<ErrorCode, number>> = {}): number {
  if (!(error instanceof TspodError)) return 125;
  return error.exitCode ?? overrides[error.code] ?? CODES[error.code] ?? 125;
}

/** `Error: message` and the hint, as printed; an error that is no TspodError is a bug and brings its stack. */
export function errorText(error: unknown): string {
  if (error instanceof TspodError)
    return printableLines(`Error: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  const system = systemErrorText(error);
  if (system !== null) return system;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `Error: internal error: ${stack}\n`;
}
