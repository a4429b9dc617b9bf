/** The command line of skopeo, for a link of that name to bin/tspod. */
import { argsObject, type ParsedArgv, parseArgv, refuseUnsupported } from '../../cli/argv.ts';
import { makeContext } from '../../cli/context.ts';
import { type GlobalArgs, globalFlags as tspodGlobals } from '../../cli/globals.ts';
import { writeAll } from '../../cli/output.ts';
import type { Program } from '../../cli/program.ts';
import { suggest } from '../../cli/suggest.ts';
import { TSPOD_VERSION } from '../../cli/version.ts';
import { hasCode, messageOf, TspodError } from '../../errors.ts';
import type { SkopeoCommand } from './command.ts';
import { globalFlags, type SkopeoGlobals, systemOf } from './globals.ts';
import { logLine } from './log.ts';
import { refused, rows } from './table.ts';

/** The skopeo whose command line this is. */
const version = '1.22.0';

/** Runs one command line. Prints errors itself and returns the exit code. */
export async function runSkopeo(argv: readonly string[], program: Program): Promise<number> {
  try {
    await runLine(argv, program);
    return 0;
  } catch (error) {
    const known = error instanceof TspodError;
    const message = known || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
    const hint = known && error.hint !== undefined ? `\n${error.hint}` : '';
    logLine('fatal', message + hint);
    return isMissingImage(error) ? 2 : 1;
  }
}

async function runLine(argv: readonly string[], program: Program): Promise<void> {
  const front = parseArgv(argv, [globalFlags], true);
  const [name, ...rest] = front.operands;
  if (name === undefined || name === 'help') return programLine(front, rest[0]);
  const command = await load(name);
  const parsed = parseArgv(rest, [command.flags, globalFlags], false);
  if (front.help || parsed.help) return printHelp(name, command, 1);
  refuseUnsupported(command.flags, parsed.values);
  const own = new Set(Object.keys(command.flags));
  for (const [flag, value] of parsed.values) if (!own.has(flag)) front.values.set(flag, value);
  refuseUnsupported(globalFlags, front.values);
  const globals = argsObject(globalFlags, front.values, []) as unknown as SkopeoGlobals;
  await checkOperands(name, command, parsed.operands.length);
  if (globals.debug) logLine('debug', `running ${argv.join(' ')}`);
  if (globals.insecurePolicy && globals.policy) logLine('debug', '--insecure-policy makes --policy ineffective');
  const args = argsObject(command.flags, withGlobalTls(globals, parsed.values, own), parsed.operands);
  const makeEngine = await program.loadEngine();
  const tspod = argsObject(tspodGlobals, new Map(), []) as unknown as GlobalArgs;
  const context = makeContext(program, name, tspod, makeEngine);
  await command.handler(args as Parameters<SkopeoCommand['handler']>[0], context, systemOf(globals));
}

/** The old global --tls-verify holds for commands that are not told otherwise. */
function withGlobalTls(globals: SkopeoGlobals, values: ParsedArgv['values'], own: Set<string>): ParsedArgv['values'] {
  const isMeant = globals.given.has('tls-verify') && own.has('tls-verify') && !values.has('tls-verify');
  return isMeant ? new Map([...values, ['tls-verify', globals.tlsVerify]]) : values;
}

async function programLine({ values, help, operands }: ParsedArgv, about: string | undefined): Promise<void> {
  if (values.get('version') === true) return writeAll(1, `skopeo version ${version} (tspod ${TSPOD_VERSION})\n`);
  if (about !== undefined) return printHelp(about, await load(about), 1);
  if (!help && operands.length === 0) {
    throw new TspodError('BAD_ARGUMENT', "Missing command 'skopeo COMMAND'\nTry 'skopeo --help' for more information");
  }
  const { programHelp } = await import('./help.ts');
  writeAll(1, await programHelp());
}

/** @throws TspodError UNKNOWN_COMMAND, UNSUPPORTED */
async function load(name: string): Promise<SkopeoCommand> {
  const row = rows.find(([own]) => own === name);
  if (row) return (await row[1]()).default;
  const reason = refused[name];
  if (reason) throw new TspodError('UNSUPPORTED', `\`skopeo ${name}\` is not supported by tspod: ${reason}`);
  const near = suggest(
    name,
    rows.map(([own]) => own),
  );
  const question = near.length === 0 ? '' : `\nDid you mean this?\n\t${near.join('\n\t')}\n`;
  throw new TspodError(
    'UNKNOWN_COMMAND',
    `Unrecognized command \`skopeo ${name}\`\n${question}Try 'skopeo --help' for more information`,
  );
}

async function printHelp(name: string, command: SkopeoCommand, fd: 1 | 2): Promise<void> {
  const { commandHelp } = await import('./help.ts');
  writeAll(fd, commandHelp(name, command));
}

async function checkOperands(name: string, command: SkopeoCommand, count: number): Promise<void> {
  const { min, max } = command.operands;
  if (count >= min && count <= max) return;
  await printHelp(name, command, 2);
  const words = ['No arguments', 'Exactly one argument', 'Exactly two arguments'];
  throw new TspodError('BAD_ARGUMENT', `${words[max] ?? max} expected`);
}

/** skopeo's exit code 2. */
function isMissingImage(error: unknown): boolean {
  if (hasCode(error, 'NO_SUCH_IMAGE')) return true;
  return hasCode(error, 'NOT_FOUND') && /manifest unknown/.test(error.message);
}
