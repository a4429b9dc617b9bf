/** The flags by which commands choose containers, and the rules for combining them. */
import { readFileSync } from 'node:fs';
import { defineFlags } from '../cli/command.ts';
import { hasErrno, TspodError } from '../errors.ts';

export const selectFlags = defineFlags({
  cidfile: {
    type: 'list',
    describe: 'Read the container ID from the file',
    valueName: 'stringArray',
    complete: 'files',
  },
  filter: { type: 'list', alias: 'f', describe: 'Filter output based on conditions given', valueName: 'stringArray' },
  latest: {
    type: 'boolean',
    alias: 'l',
    describe: 'Act on the latest container podman is aware of\nNot supported with the "--remote" flag',
  },
});

export interface SelectArgs {
  operands: string[];
  given: Set<string>;
  all?: boolean;
  latest?: boolean;
  cidfile?: string[];
}

/** Refuses what contradicts itself, and no choice at all: the order and the words are Podman's. */
export function checkSelection(args: SelectArgs, idFileFlag = 'cidfile'): void {
  const { all = false, latest = false, operands } = args;
  const fromFile = (args.cidfile?.length ?? 0) > 0;
  if (args.given.has('filter')) {
    refuseIf(operands.length > 0, '--filter takes no arguments');
    return;
  }
  refuseIf(fromFile && (all || latest), `--all, --latest, and --${idFileFlag} cannot be used together`);
  refuseIf(all && latest, '--all and --latest cannot be used together');
  refuseIf(operands.length > 0 && all, 'no arguments are needed with --all');
  refuseIf(operands.length > 0 && latest, '--latest and containers cannot be used together');
  refuseIf(operands.length > 0 && fromFile, `no arguments are needed with --latest or --${idFileFlag}`);
  refuseIf(operands.length === 0 && !all && !latest && !fromFile, 'you must provide at least one name or id');
}

function refuseIf(wrong: boolean, words: string): void {
  if (wrong) throw new TspodError('BAD_ARGUMENT', words);
}

/** The ids in the files of --cidfile. BAD_ARGUMENT when one cannot be read; with `ignore` a missing one is skipped. */
export function readCidFiles(paths: readonly string[], ignore = false): string[] {
  return paths.flatMap((path) => {
    try {
      return [readFileSync(path, 'utf8').split('\n', 1)[0] ?? ''];
    } catch (error) {
      if (ignore && hasErrno(error, 'ENOENT')) return [];
      throw new TspodError('BAD_ARGUMENT', `reading CIDFile: open ${path}: ${reason(error)}`, { cause: error });
    }
  });
}

function reason(error: unknown): string {
  if (hasErrno(error, 'ENOENT')) return 'no such file or directory';
  if (hasErrno(error, 'EACCES')) return 'permission denied';
  if (hasErrno(error, 'EISDIR')) return 'is a directory';
  return error instanceof Error ? error.message : String(error);
}
