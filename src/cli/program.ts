import type { Engine, EngineOptions } from '../engine.ts';
import { TspodError } from '../errors.ts';
import type { CommandTable } from './command.ts';
import type { FlagValue } from './flag-value.ts';

/** What main.ts puts in: cli knows neither commands nor engine. */
export interface Program {
  /** The name it was called by. */
  name: string;
  table: CommandTable;
  /** Path of the program that starts this one: what a monitor calls when its container ended. */
  launcher: string;
  /** Loads the engine's class; not called for commands that need none. */
  loadEngine(): Promise<(options: EngineOptions) => Engine>;
  version: string;
  /** Whether Podman or Docker has a command of this name that tspod has not. */
  isKnownElsewhere(path: string): Promise<boolean>;
}

/** A command line as far as the names go. */
export interface Words {
  /** `container ls`, as typed; the first word that is no command included. */
  path: string;
  values: Map<string, FlagValue>;
  /** What follows the command's name. */
  rest: string[];
  help: boolean;
}

/** Errors of flags end with where to read on, as Podman's do. */
export function withSeeHelp<T>(program: Program, path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, error.message, { hint: `See '${`${program.name} ${path}`.trimEnd()} --help'` });
  }
}
