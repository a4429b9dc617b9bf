/** From argv to an exit code: globals, command, flags, operands, handler, errors. */
import { argsObject, type ParsedArgv, parseArgv, refuseUnsupported } from './argv.ts';
import type { AnyCommand } from './command.ts';
import { makeContext, noEngine } from './context.ts';
import { errorText, exitCodeOf } from './exit-code.ts';
import { type GlobalArgs, globalFlags, persistentFlags, refuseForeign } from './globals.ts';
import { log, setLogLevel } from './logging.ts';
import { type Found, findCommand } from './lookup.ts';
import { checkOperands } from './operand-count.ts';
import { redirectStdout, writeAll } from './output.ts';
import { printableLines } from './printable.ts';
import { type Program, type Words, withSeeHelp } from './program.ts';

/** Runs one command line. Prints errors itself and returns the exit code. */
export async function run(argv: readonly string[], program: Program): Promise<number> {
  let exitCodes: AnyCommand['exitCodes'] = {};
  try {
    const target = findTarget(argv, program);
    const modules = target.values.get('module');
    if (Array.isArray(modules) && !(await haveModules(modules))) return 1;
    if (!('found' in target)) return await (await import('./no-command.ts')).noCommand(target, program);
    const command = (await target.found.row[1]()).default;
    exitCodes = command.exitCodes ?? {};
    return await runCommand(command, target, program);
  } catch (error) {
    writeAll(2, errorText(error));
    return exitCodeOf(error, exitCodes);
  } finally {
    log('debug', 'Shutting down engines');
  }
}

async function haveModules(names: readonly string[]): Promise<boolean> {
  const { missingModule } = await import('./check-modules.ts');
  const words = missingModule(names);
  if (words !== null) writeAll(2, printableLines(words));
  return words === null;
}

type Target = Words & { found: Found };

function findTarget(argv: readonly string[], program: Program): Target | Words {
  const words: Words = { path: '', values: new Map(), rest: [...argv], help: false };
  for (;;) {
    const tables = words.path === '' ? [globalFlags] : [persistentFlags];
    const parsed = withSeeHelp(program, words.path, () => parseArgv(words.rest, tables, true));
    for (const [name, value] of parsed.values) words.values.set(name, value);
    words.help ||= parsed.help;
    const word = parsed.operands[0];
    if (word === undefined || words.help || words.values.get('version') === true)
      return { ...words, rest: parsed.operands };
    const path = words.path === '' ? word : `${words.path} ${word}`;
    const found = findCommand(program.table, path);
    words.rest = parsed.operands.slice(1);
    if (found) return { ...words, path, found };
    if (!Object.hasOwn(program.table.nouns, path)) return { ...words, rest: parsed.operands };
    words.path = path;
  }
}

async function runCommand(command: AnyCommand, target: Target, program: Program): Promise<number> {
  const { path } = target.found;
  const parsed = parseCommand(command, target, program);
  if (parsed.help) {
    const { commandHelp } = await import('./help.ts');
    writeAll(1, commandHelp(program.name, target.found, command));
    return 0;
  }
  const own = Object.keys(command.flags);
  for (const [name, value] of parsed.values) if (!own.includes(name)) target.values.set(name, value);
  refuseUnsupported(globalFlags, target.values);
  refuseUnsupported(command.flags, parsed.values);
  checkOperands(command, parsed.operands.length, `${program.name} ${path}`);
  const globals = argsObject(globalFlags, target.values, []) as unknown as GlobalArgs;
  if (!applyGlobals(globals, `${program.name} ${path} ${target.rest.join(' ')}`.trimEnd())) return 1;
  const makeEngine = command.engineless ? noEngine : await program.loadEngine();
  const context = makeContext(program, path, globals, makeEngine);
  const args = argsObject(command.flags, parsed.values, parsed.operands);
  return (await command.handler(args as Parameters<AnyCommand['handler']>[0], context)) ?? 0;
}

function parseCommand(command: AnyCommand, target: Target, program: Program): ParsedArgv {
  const { rest, found } = target;
  if (command.raw) return { values: valuesIn(rest.slice(0, -1)), operands: rest, help: false, operandsAt: 0 };
  const tables = [command.flags, persistentFlags];
  return withSeeHelp(program, found.path, () => parseArgv(rest, tables, command.passthrough ?? false));
}

/** Global flags at the front of words that need not be complete. */
function valuesIn(words: string[]): ParsedArgv['values'] {
  try {
    return parseArgv(words, [globalFlags], true).values;
  } catch {
    return new Map();
  }
}

/** The global flags that are cli's own; false when the line ends here. */
function applyGlobals(globals: GlobalArgs, line: string): boolean {
  if (!setLogLevel(globals)) return false;
  refuseForeign(globals);
  if (globals.out !== undefined) redirectStdout(globals.out);
  else if (globals.noout) redirectStdout('/dev/null');
  log('info', `filtering at log level ${globals.logLevel}`);
  log('debug', `Called ${line}`);
  log('trace', `${process.version} ${process.execPath}`);
  return true;
}
