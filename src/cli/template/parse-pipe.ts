import type { TspodError } from '../../errors.ts';
import { type Token, templateError } from './lex.ts';
import type { Call, Operand, Pipe, Tree } from './syntax.ts';

const KEYWORDS = new Set(['if', 'else', 'end', 'range', 'with', 'define', 'block', 'template', 'break', 'continue']);
const END: Token = { kind: 'end', text: '}}', at: 0, spaced: false };

/** Parses the inside of one action: `$x := .A | printf "%s"`. */
export class PipeParser {
  readonly #tree: Tree;
  readonly #tokens: Token[];
  readonly #functions: ReadonlySet<string>;
  readonly #scopes: Set<string>[];
  #next = 0;

  constructor(tree: Tree, tokens: Token[], functions: ReadonlySet<string>, scopes: Set<string>[]) {
    this.#tree = tree;
    this.#tokens = tokens;
    this.#functions = functions;
    this.#scopes = scopes;
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? this.#tokens.at(-1) ?? END;
  }

  get at(): number {
    return this.#token.at;
  }

  get atEnd(): boolean {
    return this.#token.kind === 'end';
  }

  /** Takes the keyword that stands next; '' when there is none. */
  keyword(): string {
    const token = this.#token;
    if (token.kind !== 'word' || !KEYWORDS.has(token.text)) return '';
    this.#next++;
    return token.text;
  }

  /** Takes a quoted name. */
  quoted(context: string): string {
    const token = this.#take();
    if (token.kind !== 'string') throw this.#unexpected(token, context);
    return unquote(token.text);
  }

  pipe(context: string, closer = '}}'): Pipe {
    const at = this.at;
    const { variables, assigns } = this.#variables(context);
    const calls: Call[] = [];
    while (this.#token.text !== closer || (this.#token.kind !== 'end' && this.#token.kind !== 'symbol')) {
      const call = this.#call(calls.length + 1);
      calls.push(call);
      if (this.#token.text === '|') {
        this.#next++;
        if (this.#token.text === closer) throw this.#error(this.at, `missing value for ${context}`);
      }
    }
    if (calls.length === 0) throw this.#error(at, `missing value for ${context}`);
    return { variables, assigns, calls, at, text: this.#slice(at) };
  }

  /** `$x :=`, `$i, $e :=` or `$x =`. */
  #variables(context: string): { variables: string[]; assigns: boolean } {
    const from = this.#next;
    const variables: string[] = [];
    while (this.#token.kind === 'variable') {
      variables.push(this.#take().text);
      const sign = this.#token.text;
      if (sign === ':=' || sign === '=') {
        this.#next++;
        if (variables.length > 1 && context !== 'range') {
          throw this.#error(this.at, `too many declarations in ${context}`);
        }
        if (sign === ':=') for (const name of variables) this.#scopes.at(-1)?.add(name);
        return { variables, assigns: sign === '=' };
      }
      if (sign !== ',') break;
      this.#next++;
    }
    this.#next = from;
    return { variables: [], assigns: false };
  }

  #call(stage: number): Call {
    const at = this.at;
    const operands: Operand[] = [];
    while (this.#token.kind !== 'end' && this.#token.text !== '|' && this.#token.text !== ')') {
      if (operands.length > 0 && !this.#token.spaced && this.#token.kind !== 'symbol') {
        throw this.#unexpected(this.#token, 'operand');
      }
      operands.push(this.#chain(this.#operand()));
    }
    const first = operands[0];
    if (first === undefined) throw this.#error(this.at, 'empty command');
    const constant = first.kind === 'literal' || first.kind === 'dot' || first.kind === 'nil';
    if (stage > 1 && constant) throw this.#error(at, `non executable command in pipeline stage ${stage}`);
    return { operands, at, text: this.#slice(at) };
  }

  #operand(): Operand {
    const token = this.#take();
    const origin = { at: token.at, text: token.text };
    switch (token.kind) {
      case 'dot':
        return { kind: 'dot', ...origin };
      case 'field':
        return { kind: 'field', names: [token.text.slice(1)], ...origin };
      case 'variable':
        if (!this.#scopes.some((scope) => scope.has(token.text))) {
          throw this.#error(token.at, `undefined variable ${JSON.stringify(token.text)}`);
        }
        return { kind: 'variable', name: token.text, names: [], ...origin };
      case 'number':
        return { kind: 'literal', value: Number(token.text.replaceAll('_', '')), ...origin };
      case 'string':
        return { kind: 'literal', value: literal(token.text), ...origin };
      case 'word':
        return this.#word(token);
      default:
        return this.#parenthesis(token);
    }
  }

  #word(token: Token): Operand {
    const origin = { at: token.at, text: token.text };
    if (token.text === 'true' || token.text === 'false') {
      return { kind: 'literal', value: token.text === 'true', ...origin };
    }
    if (token.text === 'nil') return { kind: 'nil', ...origin };
    if (KEYWORDS.has(token.text)) throw this.#unexpected(token, 'operand');
    if (this.#functions.has(token.text)) return { kind: 'call', name: token.text, ...origin };
    throw this.#error(token.at, `function ${JSON.stringify(token.text)} not defined`);
  }

  #parenthesis(token: Token): Operand {
    if (token.text !== '(') throw this.#unexpected(token, 'operand');
    const pipe = this.pipe('parenthesized pipeline', ')');
    this.#next++;
    return { kind: 'pipe', pipe, at: token.at, text: this.#slice(token.at) };
  }

  /** `.B.C` glued to an operand. Go reports such a chain at its second name. */
  #chain(operand: Operand): Operand {
    const second = this.#token;
    const names: string[] = [];
    while (this.#token.kind === 'field' && !this.#token.spaced) names.push(this.#take().text.slice(1));
    if (names.length === 0) return operand;
    const text = this.#slice(operand.at);
    if (operand.kind === 'field') return { ...operand, names: [...operand.names, ...names], at: second.at, text };
    if (operand.kind === 'variable') return { ...operand, names, at: second.at, text };
    if (operand.kind === 'literal' || operand.kind === 'nil') throw this.#unexpected(second, 'operand');
    return { kind: 'chain', of: operand, names, at: second.at, text };
  }

  #take(): Token {
    const token = this.#token;
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  /** The source from `at` to the last token taken. */
  #slice(at: number): string {
    const last = this.#tokens[this.#next - 1];
    return this.#tree.source.slice(at, last ? last.at + last.text.length : at);
  }

  #unexpected(token: Token, context: string): TspodError {
    const text =
      token.kind === 'end'
        ? '"}}"'
        : token.kind === 'word' && KEYWORDS.has(token.text)
          ? `<${token.text}>`
          : JSON.stringify(token.text);
    return this.#error(token.at, `unexpected ${text} in ${context}`);
  }

  #error(at: number, what: string): TspodError {
    return templateError(this.#tree.name, this.#tree.source, at, what);
  }
}

function literal(text: string): string | number {
  return text.startsWith("'") ? (unquote(text).codePointAt(0) ?? 0) : unquote(text);
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The value of a Go string or character literal. */
function unquote(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/gs, (_, code: string) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    return ESCAPES[code] ?? code;
  });
}
