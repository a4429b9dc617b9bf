import type { AnyCommand, Context } from '../cli/command.ts';
import { errorText, exitCodeOf } from '../cli/exit-code.ts';
import type { Selected } from '../runtime/select.ts';

/**
 * Does `fn` for every container, all at once, and prints in the order they were named: what the user typed for each
 * that worked (or the lines `fn` returns), an `Error:` line for each that did not.
 *
 * @returns 0, or the exit code of the last failure
 */
export async function forEachContainer(
  selected: readonly Selected[],
  context: Context,
  fn: (selected: Selected) => Promise<string[] | void>,
  exitCodes: AnyCommand['exitCodes'] = {},
): Promise<number> {
  const results = await Promise.allSettled(selected.map(async (each) => (await fn(each)) ?? [each.input]));
  let exitCode = 0;
  for (const result of results) {
    if (result.status === 'fulfilled') {
      for (const line of result.value) context.stdout(`${line}\n`);
    } else {
      context.stderr(errorText(result.reason));
      exitCode = exitCodeOf(result.reason, exitCodes);
    }
  }
  return exitCode;
}

/** Prints a warning as Podman's log does. */
export function warner(context: Context): (message: string) => void {
  return (message) => context.stderr(`time="${localTime()}" level=warning msg=${JSON.stringify(message)}\n`);
}

function localTime(): string {
  const now = new Date();
  const offset = -now.getTimezoneOffset();
  const local = new Date(now.getTime() + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}
