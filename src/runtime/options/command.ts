/** What is run in the container. */
import { posix } from 'node:path';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';

export interface Command {
  entrypoint: string[];
  command: string[];
  /** --entrypoint was given. */
  entrypointSet: boolean;
  systemd: boolean;
}

/** The rules of ENTRYPOINT and CMD: a given entrypoint, even an empty one, takes the image's command away. */
export function buildCommand(input: BuildInput): Command {
  const { options, image } = input;
  const set = options.given.has('entrypoint');
  const entrypoint = set ? parseEntrypoint(options.entrypoint ?? '') : (image?.config.config?.Entrypoint ?? []);
  const imageCommand = set ? [] : (image?.config.config?.Cmd ?? []);
  const command = input.command.length > 0 ? input.command : imageCommand;
  const all = [...entrypoint, ...command];
  return {
    entrypoint,
    // Nothing at all is left for the runtime to complain about, as Podman does.
    command: all.length === 0 ? [''] : command,
    entrypointSet: set,
    systemd: isSystemd(options.systemd.toLowerCase(), all),
  };
}

/** A JSON array, or one program. `--entrypoint ""` is none. */
function parseEntrypoint(text: string): string[] {
  if (text === '') return [];
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed) && parsed.every((item) => typeof item === 'string')) return parsed;
  } catch {
    // Not JSON: the text is the program.
  }
  return [text];
}

const inits = ['/sbin/init', '/usr/sbin/init', '/usr/local/sbin/init'];

function isSystemd(mode: string, command: string[]): boolean {
  if (mode === 'always') return true;
  if (mode === 'false') return false;
  if (mode !== 'true' && mode !== '') {
    badArgument(
      'invalid config provided: --systemd values must be one of "true, false, always": invalid configuration',
    );
  }
  const [first = '', second = '', third] = command;
  const program = first === '/bin/sh' && second === '-c' && third !== undefined ? third : first;
  return inits.includes(program) || posix.basename(program) === 'systemd';
}
