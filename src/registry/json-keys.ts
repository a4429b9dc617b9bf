/**
 * Finds a key that occurs twice in one object of a JSON text, where keys that differ only in case count as the same:
 * Go's decoder takes the last of them and ignores case, JavaScript's takes the last and does not (CVE-2021-41190).
 * Annotations are free text, so keys below `annotations` and `labels` are only compared exactly.
 *
 * @param text valid JSON
 * @param allExact compare every key exactly: where keys are names and paths
 */
export function repeatedKey(text: string, allExact = false): string | null {
  const open: { keys: Set<string> | null; exact: boolean; last: string }[] = [];
  const token = /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\]]/gs;
  for (const [match, quoted, colon] of text.matchAll(token)) {
    const top = open.at(-1);
    if (match === '{' || match === '[') {
      const exact = allExact || (top?.exact ?? false) || top?.last === 'annotations' || top?.last === 'labels';
      open.push({ keys: match === '{' ? new Set() : null, exact, last: '' });
    } else if (match === '}' || match === ']') {
      open.pop();
    } else if (colon !== undefined && top?.keys) {
      const key = decode(quoted ?? '');
      top.last = key.toLowerCase();
      const folded = top.exact ? key : top.last;
      if (top.keys.has(folded)) return key;
      top.keys.add(folded);
    }
  }
  return null;
}

function decode(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(`"${quoted}"`)) : quoted;
}
