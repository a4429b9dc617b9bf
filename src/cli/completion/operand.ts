import type { AnyCommand } from '../command.ts';
import { lastWord } from '../lookup.ts';
import { type Candidate, type Completions, DEFAULT, type Names, NO_FILES } from './protocol.ts';

/** Candidates for the next operand: the usage line says what it is. */
export function completeOperand(
  command: AnyCommand,
  path: string,
  operands: readonly string[],
  current: string,
  names: Names,
): Completions {
  const kind = operandKind(command.usage, operands.length);
  if (kind === null) return { candidates: [], directive: NO_FILES };
  const candidates: Candidate[] = [];
  if (/CONTAINER/.test(kind))
    candidates.push(...containerCandidates(names.containers(WHICH[lastWord(path)] ?? 'all'), current));
  if (/IMAGE|TARGET_NAME|\bNAME\b/.test(kind)) candidates.push(...imageCandidates(names.images(), current));
  if (/NETWORK/.test(kind)) candidates.push(...names.networks().map((text) => ({ text })));
  if (/\bPOD\b/.test(kind)) candidates.push(...containerCandidates(names.pods(), current));
  if (/VOLUME/.test(kind)) candidates.push(...names.volumes().map((text) => ({ text })));
  if (/REGISTRY/.test(kind)) candidates.push(...names.registries().map((text) => ({ text })));
  const fresh = candidates.filter(({ text }) => !operands.includes(text));
  return { candidates: fresh, directive: /PATH|FILE|COMMAND|ARG|URI|URL|CONTEXT/.test(kind) ? DEFAULT : NO_FILES };
}

const WHICH: Readonly<Record<string, 'running' | 'paused' | 'startable'>> = {
  attach: 'running',
  exec: 'running',
  kill: 'running',
  pause: 'running',
  stop: 'running',
  top: 'running',
  unpause: 'paused',
  start: 'startable',
};

/** The word that stands for operand number `index` in a usage line; null when the command takes no more. */
function operandKind(usage: string, index: number): string | null {
  const [, ...words] = usage
    .replace('[options]', '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const word = words[index] ?? words.at(-1);
  if (word === undefined) return null;
  return index < words.length || word.includes('...') ? word : null;
}

/** Of containers and of pods. */
export function containerCandidates(containers: { id: string; name: string }[], current: string): Candidate[] {
  return containers.flatMap(({ id, name }) => [
    ...(current.length > 1 && id.startsWith(current) ? [{ text: id.slice(0, 12), description: name }] : []),
    { text: name, description: id.slice(0, 12) },
  ]);
}

/** Full names first; once something was typed, also the short forms of names, and ids. */
export function imageCandidates(images: { id: string; names: string[] }[], current: string): Candidate[] {
  const candidates: Candidate[] = [];
  for (const { id, names } of images) {
    if (current.length > 1 && id.startsWith(current)) candidates.push({ text: id.slice(0, 12) });
    for (const name of names) {
      candidates.push({ text: name, description: id.slice(0, 12) });
      const parts = current === '' ? [] : name.split('/').map((_, index, all) => all.slice(index).join('/'));
      candidates.push(...parts.slice(1).map((text) => ({ text, description: id.slice(0, 12) })));
    }
  }
  return candidates;
}
