import type { TspodError } from '../../errors.ts';
import { lex, type Piece, templateError } from './lex.ts';
import { PipeParser } from './parse-pipe.ts';
import type { Node, Tree } from './syntax.ts';

/** Parses a template. @throws BAD_ARGUMENT in the words of Go's parser */
export function parseTemplate(name: string, source: string, functions: ReadonlySet<string>): Tree {
  const tree: Tree = { name, source, body: [], defined: new Map() };
  const parser = new Parser(tree, lex(name, source), functions);
  tree.body = parser.block([]).body;
  return tree;
}

interface Block {
  body: Node[];
  /** The word that ended it: `end`, `else` or '' at the end of the source. */
  ended: string;
  /** The pipe parser standing behind `else`, for `else if`. */
  rest: PipeParser | null;
}

class Parser {
  readonly #tree: Tree;
  readonly #pieces: Piece[];
  readonly #functions: ReadonlySet<string>;
  /** One set of variable names per open block. */
  readonly #scopes: Set<string>[] = [new Set(['$'])];
  #next = 0;
  #loops = 0;

  constructor(tree: Tree, pieces: Piece[], functions: ReadonlySet<string>) {
    this.#tree = tree;
    this.#pieces = pieces;
    this.#functions = functions;
  }

  /** Reads nodes up to one of `enders`; with none, up to the end of the source. */
  block(enders: readonly string[]): Block {
    const body: Node[] = [];
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next++];
      if (piece === undefined) break;
      if (piece.kind === 'text') {
        body.push(piece);
        continue;
      }
      const pipes = new PipeParser(this.#tree, piece.tokens, this.#functions, this.#scopes);
      const word = pipes.keyword();
      if (word === 'end' || word === 'else') {
        if (!enders.includes(word)) throw this.#error(pipes.at, `unexpected {{${word}}}`);
        return { body, ended: word, rest: pipes };
      }
      const node = this.#action(word, pipes);
      if (node) body.push(node);
    }
    if (enders.length > 0) throw this.#error(this.#tree.source.length, 'unexpected EOF');
    return { body, ended: '', rest: null };
  }

  #action(word: string, pipes: PipeParser): Node | null {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(word, pipes);
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw this.#error(pipes.at, `{{${word}}} outside {{range}}`);
        return { kind: word };
      case 'define':
        this.#scoped(() => this.#tree.defined.set(pipes.quoted('define clause'), this.block(['end']).body));
        return null;
      case 'template':
        return this.#template(pipes);
      case 'block':
        return this.#blockAction(pipes);
      default:
        return { kind: 'print', pipe: pipes.pipe('command') };
    }
  }

  #control(kind: 'if' | 'with' | 'range', pipes: PipeParser): Node {
    return this.#scoped(() => {
      const pipe = pipes.pipe(kind);
      this.#loops += kind === 'range' ? 1 : 0;
      const main = this.block(['end', 'else']);
      this.#loops -= kind === 'range' ? 1 : 0;
      const parts = { pipe, body: main.body, otherwise: main.ended === 'else' ? this.#otherwise(main) : [] };
      return kind === 'range' ? { kind, ...parts } : { kind, ...parts };
    });
  }

  /** `{{else}}…{{end}}`, `{{else if …}}` or `{{else with …}}`; the last two share the `end`. */
  #otherwise(main: Block): Node[] {
    const word = main.rest?.keyword() ?? '';
    if (main.rest && (word === 'if' || word === 'with')) return [this.#control(word, main.rest)];
    return this.block(['end']).body;
  }

  #template(pipes: PipeParser): Node {
    const at = pipes.at;
    const name = pipes.quoted('template clause');
    return {
      kind: 'template',
      name,
      pipe: pipes.atEnd ? null : pipes.pipe('template clause'),
      at,
      text: `{{template ${JSON.stringify(name)}}}`,
    };
  }

  #blockAction(pipes: PipeParser): Node {
    const node = this.#template(pipes);
    this.#scoped(() => {
      if (node.kind === 'template') this.#tree.defined.set(node.name, this.block(['end']).body);
    });
    return node;
  }

  #scoped<T>(fn: () => T): T {
    this.#scopes.push(new Set());
    const result = fn();
    this.#scopes.pop();
    return result;
  }

  #error(at: number, what: string): TspodError {
    return templateError(this.#tree.name, this.#tree.source, at, what);
  }
}
