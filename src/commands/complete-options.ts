import { argsObject } from '../cli/argv.ts';
import type { CreateOptions } from '../runtime/options/create-options.ts';
import { createFlags } from './create-flags.ts';

/** The options that were chosen and the defaults of all others, as if they had been given on a command line. */
export function completeOptions(chosen: Partial<CreateOptions>): CreateOptions {
  const defaults = argsObject(createFlags, new Map(), []) as unknown as CreateOptions;
  const given = new Set(
    Object.keys(chosen).map((key) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
  );
  return { ...defaults, ...chosen, given };
}
