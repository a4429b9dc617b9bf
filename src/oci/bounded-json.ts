/** More keys than any manifest or configuration has that was meant to be read. */
const keysAllowed = 20_000;
/** `"k":0,` is the shortest key there is. */
const shortest = 6;

/**
 * JSON of strangers. The launcher starts Node with a hash seed that is known, which saves 4 ms of every call; with it
 * somebody could choose hundreds of thousands of keys that all collide, and reading them would take minutes. What few
 * keys can do takes less than a second.
 *
 * @throws SyntaxError when it is no JSON or has too many keys
 */
export function parseBoundedJson(text: string): unknown {
  if (text.length > keysAllowed * shortest && countKeys(text) > keysAllowed) {
    throw new SyntaxError(`it has more than ${keysAllowed} keys`);
  }
  return JSON.parse(text);
}

/** Never too few: colons inside of strings count too. */
function countKeys(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0 && count <= keysAllowed; at = text.indexOf(':', at + 1)) {
    if (/["\s]/.test(text[at - 1] ?? '')) count += 1;
  }
  return count;
}
