import { TspodError } from '../../errors.ts';
import { builtins, type TemplateFunction } from './functions.ts';
import type { Call, Node, Operand, Origin, Pipe, Tree } from './syntax.ts';
import { formatValue, goType, isStruct, isTrue, memberName, sortedEntries } from './value.ts';

export type Functions = Readonly<Record<string, TemplateFunction>>;

/** Runs a parsed template over `data`. @throws BAD_ARGUMENT in the words of Go's executor */
export function evaluate(tree: Tree, functions: Functions, data: unknown): string {
  const machine = new Machine(tree, functions);
  machine.run(tree.body, data, [['$', data]]);
  return machine.output;
}

type Variables = [name: string, value: unknown][];
type Flow = 'break' | 'continue' | undefined;

class Machine {
  output = '';
  readonly #tree: Tree;
  readonly #functions: Functions;
  #depth = 0;

  constructor(tree: Tree, functions: Functions) {
    this.#tree = tree;
    this.#functions = functions;
  }

  run(nodes: readonly Node[], dot: unknown, variables: Variables): Flow {
    for (const node of nodes) {
      if (node.kind === 'break' || node.kind === 'continue') return node.kind;
      const flow = this.#node(node, dot, variables);
      if (flow) return flow;
    }
    return undefined;
  }

  #node(node: Node, dot: unknown, variables: Variables): Flow {
    switch (node.kind) {
      case 'text':
        this.output += node.text;
        return undefined;
      case 'print': {
        const value = this.#pipe(node.pipe, dot, variables);
        if (node.pipe.variables.length === 0) this.output += formatValue(value);
        return undefined;
      }
      case 'template':
        return this.#template(node, dot, variables);
      case 'range':
        return this.#range(node, dot, variables);
      case 'if':
      case 'with': {
        const mark = variables.length;
        const value = this.#pipe(node.pipe, dot, variables);
        const inner = node.kind === 'with' && isTrue(value) ? value : dot;
        const flow = this.run(isTrue(value) ? node.body : node.otherwise, inner, variables);
        variables.length = mark;
        return flow;
      }
      default:
        return undefined;
    }
  }

  #template(node: Node & { kind: 'template' }, dot: unknown, variables: Variables): Flow {
    const body = this.#tree.defined.get(node.name);
    if (!body) throw this.#error(node, `template ${JSON.stringify(node.name)} not defined`);
    if (++this.#depth > 1000) throw this.#error(node, 'exceeded maximum template depth (1000)');
    const data = node.pipe ? this.#pipe(node.pipe, dot, variables) : undefined;
    this.run(body, data, [['$', data]]);
    this.#depth--;
    return undefined;
  }

  #range(node: Node & { kind: 'range' }, dot: unknown, variables: Variables): Flow {
    const mark = variables.length;
    const value = this.#value(node.pipe, dot, variables);
    const items = rangeItems(value);
    if (!items) throw this.#error(node.pipe, `range can't iterate over ${formatValue(value)}`);
    for (const [key, item] of items) {
      variables.length = mark;
      this.#bindRange(node.pipe, key, item, variables);
      if (this.run(node.body, item, variables) === 'break') break;
    }
    variables.length = mark;
    return items.length === 0 ? this.run(node.otherwise, dot, variables) : undefined;
  }

  #bindRange(pipe: Pipe, key: unknown, item: unknown, variables: Variables): void {
    const values = pipe.variables.length === 1 ? [item] : [key, item];
    pipe.variables.forEach((name, index) => {
      if (pipe.assigns) assign(variables, name, values[index]);
      else variables.push([name, values[index]]);
    });
  }

  #pipe(pipe: Pipe, dot: unknown, variables: Variables): unknown {
    const value = this.#value(pipe, dot, variables);
    for (const name of pipe.variables) {
      if (pipe.assigns) assign(variables, name, value);
      else variables.push([name, value]);
    }
    return value;
  }

  #value(pipe: Pipe, dot: unknown, variables: Variables): unknown {
    let value: unknown;
    let first = true;
    for (const call of pipe.calls) {
      value = this.#call(call, dot, variables, first ? [] : [value]);
      first = false;
    }
    return value;
  }

  /** @param last the value of the pipeline so far: the last argument */
  #call(call: Call, dot: unknown, variables: Variables, last: unknown[]): unknown {
    const [head, ...rest] = call.operands;
    if (head === undefined) return undefined;
    const args = (): unknown[] => [...rest.map((operand) => this.#operand(operand, dot, variables)), ...last];
    switch (head.kind) {
      case 'call':
        if (head.name === 'and' || head.name === 'or') return this.#shortCircuit(head, rest, dot, variables, last);
        return this.#function(call, head.name, args());
      case 'field':
        return this.#members(dot, head.names, head, args);
      case 'variable':
        return this.#members(lookUp(variables, head.name), head.names, head, args);
      case 'chain':
        return this.#members(this.#operand(head.of, dot, variables), head.names, head, args);
      case 'nil':
        throw this.#error(head, 'nil is not a command');
      default:
        if (rest.length + last.length > 0) throw this.#error(head, `can't give argument to non-function ${head.text}`);
        return this.#operand(head, dot, variables);
    }
  }

  #operand(operand: Operand, dot: unknown, variables: Variables): unknown {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'literal':
        return operand.value;
      case 'pipe':
        return this.#pipe(operand.pipe, dot, variables);
      default:
        return this.#call({ operands: [operand], at: operand.at, text: operand.text }, dot, variables, []);
    }
  }

  /** `and` and `or` stop at the operand that decides. */
  #shortCircuit(
    head: Operand & { kind: 'call' },
    rest: Operand[],
    dot: unknown,
    variables: Variables,
    last: unknown[],
  ): unknown {
    if (rest.length + last.length === 0)
      throw this.#error(head, `wrong number of args for ${head.name}: want at least 1 got 0`);
    let value: unknown;
    for (const operand of rest) {
      value = this.#operand(operand, dot, variables);
      if (isTrue(value) === (head.name === 'or')) return value;
    }
    return last.length > 0 ? last[0] : value;
  }

  #function(call: Call, name: string, args: unknown[]): unknown {
    const fn = this.#functions[name] ?? builtins[name];
    if (!fn) throw this.#error(call, `function ${JSON.stringify(name)} not defined`);
    if (args.length < fn.length)
      throw this.#error(call, `wrong number of args for ${name}: want ${fn.length} got ${args.length}`);
    try {
      return fn(...args) as unknown;
    } catch (error) {
      throw this.#error(call, `error calling ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #members(from: unknown, names: readonly string[], origin: Origin, args: () => unknown[]): unknown {
    let value = from;
    names.forEach((name, index) => {
      value = this.#member(value, name, origin, index === names.length - 1 ? args() : []);
    });
    return value;
  }

  #member(from: unknown, name: string, origin: Origin, args: unknown[]): unknown {
    if (from === null) throw this.#error(origin, `nil pointer evaluating interface {}.${name}`);
    if (from === undefined) return undefined;
    const key = typeof from === 'object' ? memberName(from, name) : undefined;
    if (key === undefined) {
      if (typeof from === 'object' && !isStruct(from)) return from instanceof Map ? from.get(name) : undefined;
      throw this.#error(origin, `can't evaluate field ${name} in type ${goType(from)}`);
    }
    const value = (from as Record<string, unknown>)[key];
    if (typeof value === 'function') return value.apply(from, args) as unknown;
    if (args.length > 0) throw this.#error(origin, `${name} has arguments but cannot be invoked as function`);
    return value;
  }

  #error(origin: { at: number; text: string }, what: string): TspodError {
    const before = this.#tree.source.slice(0, origin.at);
    const place = `${before.split('\n').length}:${Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))}`;
    const { name } = this.#tree;
    return new TspodError(
      'BAD_ARGUMENT',
      `template: ${name}:${place}: executing ${JSON.stringify(name)} at <${origin.text}>: ${what}`,
    );
  }
}

function lookUp(variables: Variables, name: string): unknown {
  return variables.findLast(([other]) => other === name)?.[1];
}

function assign(variables: Variables, name: string, value: unknown): void {
  const variable = variables.findLast(([other]) => other === name);
  if (variable) variable[1] = value;
}

/** Key and value of everything that `range` goes over; null for what cannot be ranged over. */
function rangeItems(value: unknown): [unknown, unknown][] | null {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  if (typeof value === 'number') return Array.from({ length: Math.max(0, value) }, (_, index) => [index, index]);
  if (value instanceof Map) return sortedEntries(value);
  return typeof value === 'object' && goType(value).startsWith('map[') ? sortedEntries(value) : null;
}
