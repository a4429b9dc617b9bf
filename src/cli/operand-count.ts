import { TspodError } from '../errors.ts';
import type { AnyCommand } from './command.ts';

/** @throws BAD_ARGUMENT in cobra's words */
export function checkOperands(command: AnyCommand, count: number, name: string): void {
  const { min = 0, max = Number.POSITIVE_INFINITY } = command.operands ?? { max: 0 };
  if (count >= min && count <= max) return;
  throw new TspodError('BAD_ARGUMENT', operandError(min, max, count, name));
}

function operandError(min: number, max: number, count: number, name: string): string {
  if (max === 0) return `\`${name}\` takes no arguments`;
  if (min === max) return `accepts ${min} arg(s), received ${count}`;
  if (max === Number.POSITIVE_INFINITY) return `requires at least ${min} arg(s), only received ${count}`;
  if (min === 0) return `accepts at most ${max} arg(s), received ${count}`;
  return `accepts between ${min} and ${max} arg(s), received ${count}`;
}
