/** The tree of a template, after Go's text/template (https://pkg.go.dev/text/template). */

/** Where a node begins and how it reads: both stand in error messages. */
export interface Origin {
  /** Offset in the source. */
  at: number;
  text: string;
}

export type Operand = Origin &
  (
    | { kind: 'dot' }
    | { kind: 'nil' }
    | { kind: 'literal'; value: boolean | number | string }
    | { kind: 'field'; names: string[] }
    | { kind: 'variable'; name: string; names: string[] }
    | { kind: 'call'; name: string }
    | { kind: 'chain'; of: Operand; names: string[] }
    | { kind: 'pipe'; pipe: Pipe }
  );

/** A function or method and its arguments, or a single operand. */
export interface Call extends Origin {
  operands: Operand[];
}

export interface Pipe extends Origin {
  /** Names with their `$`, before `:=` or `=`. */
  variables: string[];
  assigns: boolean;
  calls: Call[];
}

export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'print'; pipe: Pipe }
  | Control<'if' | 'with'>
  | Control<'range'>
  | { kind: 'template'; name: string; pipe: Pipe | null; at: number; text: string }
  | { kind: 'break' }
  | { kind: 'continue' };

interface Control<K extends string> {
  kind: K;
  pipe: Pipe;
  body: Node[];
  /** What `else` brings. */
  otherwise: Node[];
}

/** A parsed template with what `define` and `block` added. */
export interface Tree {
  name: string;
  source: string;
  body: Node[];
  defined: Map<string, Node[]>;
}
