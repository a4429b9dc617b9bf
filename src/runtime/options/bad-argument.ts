import { TspodError } from '../../errors.ts';

/** For `throw badArgument(…)` and as an expression: `value ?? badArgument(…)`. */
export function badArgument(message: string, cause?: unknown): never {
  throw new TspodError('BAD_ARGUMENT', message, cause === undefined ? {} : { cause });
}
