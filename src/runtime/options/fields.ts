import { badArgument } from './bad-argument.ts';

/** One line of RFC 4180: fields between commas, quoted ones may hold commas. */
export function splitFields(text: string): string[] {
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = pattern.exec(text);
    if (!match)
      return badArgument(`parse error on line 1, column ${pattern.lastIndex + 1}: bare " in non-quoted-field`);
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
  }
}

/** Name and, behind the first `=`, value. */
export function splitOption(token: string): [string, string | undefined] {
  const at = token.indexOf('=');
  return at < 0 ? [token, undefined] : [token.slice(0, at), token.slice(at + 1)];
}
