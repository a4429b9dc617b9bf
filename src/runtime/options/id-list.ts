import { badArgument } from './bad-argument.ts';

/** `0-3,7` is checked for form, and against what the kernel has. */
export function checkIdList(text: string, available: string, words: { what: string; plural: string }): void {
  const wanted = parseIds(text);
  if (!wanted) badArgument(`invalid value ${text} for ${words.what}`);
  const there = parseIds(available);
  if (!there || [...wanted].every((id) => there.has(id))) return;
  badArgument(`requested ${words.plural} are not available - requested ${text}, available: ${available}`);
}

const largest = 8192;

function parseIds(text: string): Set<number> | null {
  const ids = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    const [start, end] = [Number(first), Number(last)];
    if (first === '' || end < start || end > largest) return null;
    for (let id = start; id <= end; id += 1) ids.add(id);
  }
  return ids;
}
