import type { Engine } from '../engine.ts';
import type { ErrorCode } from '../errors.ts';
import type { Args, Completion, Flags } from './flag.ts';
import type { GlobalArgs } from './globals.ts';

export { type Args, type Completion, defineFlags, type Flag, type Flags, type FlagType } from './flag.ts';

export interface Operands {
  min?: number;
  max?: number;
  /** What the shell completes as operands. */
  complete?: Completion;
}

/** One command: data for parser, help, man page and completion, and the function that does it. */
export interface Command<F extends Flags> {
  /** The last word of its name, then `[options]` and the operands in capitals: `rm [options] CONTAINER [CONTAINER...]`. */
  readonly usage: string;
  /** One line, as it stands in the list of commands. */
  readonly describe: string;
  /** What help prints below "Description:"; `describe` when left out. */
  readonly long?: string;
  readonly flags: F;
  /** How many operands; left out: none. Commands whose --all or --latest replace operands check themselves: `{}`. */
  readonly operands?: Operands;
  /** Flags end at the first operand: run, create, exec, top. */
  readonly passthrough?: boolean;
  /** Nothing is parsed: all words are operands (completion). Global flags among them still choose the engine. */
  readonly raw?: boolean;
  /** Without the program's name: `rm -f web`. */
  readonly examples?: readonly string[];
  /** Exit codes of errors where the command differs from the usual 125. */
  readonly exitCodes?: Partial<Record<ErrorCode, number>>;
  /** Never touches context.engine: its modules are not loaded. */
  readonly engineless?: boolean;
  /** Not in the list of commands. */
  readonly hidden?: boolean;
  /** Returns the exit code; nothing is 0. */
  handler(args: Args<F>, context: Context): Promise<number | void> | number | void;
}

export type AnyCommand = Command<Flags>;

/** What a command works with besides its arguments. */
export interface Context {
  readonly engine: Engine;
  readonly globals: GlobalArgs;
  /** The name it was called by (`tspod`, `podman`, `docker`). */
  readonly program: string;
  /** All commands, for help and completion. */
  readonly table: CommandTable;
  /** Canonical words of the command: `container list`. */
  readonly path: string;
  /** Writes, adds no newline. */
  stdout(text: string | Uint8Array): void;
  stderr(text: string | Uint8Array): void;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
}

/** Names, the canonical one of each noun first, joined by `|`: `ps|container list|container ls`. */
export type CommandRow = readonly [names: string, load: () => Promise<{ default: AnyCommand }>];

export interface CommandTable {
  readonly rows: readonly CommandRow[];
  /** Words that only group commands, with their description. */
  readonly nouns: Readonly<Record<string, string>>;
}

/** The identity: infers the types of `args` from the flag table. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command<F> {
  return command;
}
