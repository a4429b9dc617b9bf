/** Names at most two edits from `word`, or that start with it (cobra's rule), in the order given. */
export function suggest(word: string, names: readonly string[]): string[] {
  const lower = word.toLowerCase();
  return names.filter((name) => name.toLowerCase().startsWith(lower) || distance(lower, name.toLowerCase()) <= 2);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
