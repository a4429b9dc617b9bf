import { TspodError } from '../../errors.ts';

export type TokenKind = 'field' | 'variable' | 'word' | 'string' | 'number' | 'dot' | 'symbol' | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  at: number;
  /** White space stands before it: `.A .B` is two operands, `.A.B` one. */
  spaced: boolean;
}

export type Piece = { kind: 'text'; text: string } | { kind: 'action'; tokens: Token[]; at: number };

/** Cuts a template into text and actions, with `{{-`, `-}}` and comments applied. @throws BAD_ARGUMENT */
export function lex(name: string, source: string): Piece[] {
  const pieces: Piece[] = [];
  let position = 0;
  let trimNext = false;
  while (position < source.length) {
    const open = source.indexOf('{{', position);
    const end = open < 0 ? source.length : open;
    const trimsLeft = open >= 0 && /^-\s/.test(source.slice(open + 2, open + 4));
    pushText(pieces, source.slice(position, end), trimNext, trimsLeft);
    trimNext = false;
    if (open < 0) break;
    const start = open + (trimsLeft ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/(\s-)?\}\}/.exec(source.slice(start));
    if (comment) {
      trimNext = comment[1] !== undefined;
      position = start + comment[0].length;
      continue;
    }
    const action = lexAction(name, source, start);
    pieces.push({ kind: 'action', tokens: action.tokens, at: open });
    trimNext = action.trims;
    position = action.next;
  }
  return pieces;
}

function pushText(pieces: Piece[], raw: string, trimStart: boolean, trimEnd: boolean): void {
  let text = trimStart ? raw.trimStart() : raw;
  if (trimEnd) text = text.trimEnd();
  if (text !== '') pieces.push({ kind: 'text', text });
}

const PATTERNS: readonly [TokenKind, RegExp][] = [
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'/y],
  [
    'number',
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y,
  ],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['dot', /\./y],
  ['symbol', /:=|[|()=,]/y],
];

function lexAction(name: string, source: string, start: number): { tokens: Token[]; next: number; trims: boolean } {
  const tokens: Token[] = [];
  let position = start;
  for (;;) {
    const space = /\s*/y;
    space.lastIndex = position;
    const spaced = (space.exec(source)?.[0].length ?? 0) > 0;
    position = spaced ? space.lastIndex : position;
    const trims = spaced && source.startsWith('-}}', position);
    if (trims || source.startsWith('}}', position)) {
      tokens.push({ kind: 'end', text: '}}', at: position, spaced });
      return { tokens, next: position + (trims ? 3 : 2), trims };
    }
    const token = nextToken(source, position);
    if (!token) throw lexError(name, source, position, spaced ? undefined : tokens.at(-1)?.kind);
    tokens.push({ ...token, at: position, spaced });
    position += token.text.length;
  }
}

function nextToken(source: string, position: number): { kind: TokenKind; text: string } | null {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = position;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return null;
}

function lexError(name: string, source: string, position: number, glued: TokenKind | undefined): TspodError {
  const character = source[position];
  if (character === undefined) return templateError(name, source, position, 'unclosed action');
  if (character === '"') return templateError(name, source, position, 'unterminated quoted string');
  if (character === '`') return templateError(name, source, position, 'unterminated raw quoted string');
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const afterName = glued === 'field' || glued === 'variable' || glued === 'word';
  const what = afterName ? 'bad character' : 'unrecognized character in action:';
  return templateError(name, source, position, `${what} U+${code} '${character}'`);
}

/** A mistake in the template, in the words of Go's parser: `template: ps:1: …`. */
export function templateError(name: string, source: string, at: number, what: string): TspodError {
  const line = source.slice(0, at).split('\n').length;
  return new TspodError('BAD_ARGUMENT', `template: ${name}:${line}: ${what}`);
}
