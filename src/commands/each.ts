import type { AnyCommand, Context } from '../cli/command.ts';
import { errorText, exitCodeOf } from '../cli/exit-code.ts';

/**
 * Does `fn` for every operand, whatever happens to the others: prints the line that `fn` returns (nothing for ''), and
 * each failure as an `Error:` line.
 *
 * @returns 0, or the exit code of the last failure
 */
export async function forEachOperand(
  operands: readonly string[],
  context: Context,
  fn: (operand: string) => Promise<string | void> | string | void,
  exitCodes: AnyCommand['exitCodes'] = {},
): Promise<number> {
  let exitCode = 0;
  for (const operand of operands) {
    try {
      const line = await fn(operand);
      if (line) context.stdout(`${line}\n`);
    } catch (error) {
      context.stderr(errorText(error));
      exitCode = exitCodeOf(error, exitCodes);
    }
  }
  return exitCode;
}
