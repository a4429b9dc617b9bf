/** Go's text/template for `--format` (https://pkg.go.dev/text/template), with the functions that Podman adds. */
import { evaluate, type Functions } from './template/evaluate.ts';
import { builtins } from './template/functions.ts';
import { parseTemplate } from './template/parse.ts';

export { goStruct, goStructs } from './template/value.ts';

export interface TemplateOptions {
  /** The command's name, as it stands in error messages: `template: ps:1: …`. */
  name?: string;
  /** More functions, or others in place of the usual ones. */
  functions?: Functions;
}

/**
 * Compiles a template. Fields are properties or methods of the data; `goStruct` names types for messages.
 *
 * @throws BAD_ARGUMENT here for syntax and when it runs for unknown fields, both in Go's words
 */
export function compileTemplate(text: string, options: TemplateOptions = {}): (data: unknown) => string {
  const functions = { ...builtins, ...options.functions };
  const tree = parseTemplate(options.name ?? 'format', text, new Set(Object.keys(functions)));
  return (data) => evaluate(tree, functions, data);
}
