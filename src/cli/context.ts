import type { Engine, EngineOptions } from '../engine.ts';
import type { Context } from './command.ts';
import { engineOptions, type GlobalArgs } from './globals.ts';
import { isTerminal, writeAll } from './output.ts';
import type { Program } from './program.ts';

export type MakeEngine = (options: EngineOptions) => Engine;

/** In place of the engine of commands that declare that they need none. */
export function noEngine(): never {
  throw new Error('this command is declared engineless');
}

/** What a handler works with; the engine is made by the first use. */
export function makeContext(program: Program, path: string, globals: GlobalArgs, makeEngine: MakeEngine): Context {
  let engine: Engine | undefined;
  return {
    get engine() {
      engine ??= makeEngine({ ...engineOptions(globals), selfCommand: [program.launcher] });
      return engine;
    },
    globals,
    program: program.name,
    table: program.table,
    path,
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    get stdinIsTerminal() {
      return isTerminal(0);
    },
    get stdoutIsTerminal() {
      return isTerminal(1);
    },
    get stderrIsTerminal() {
      return isTerminal(2);
    },
  };
}
