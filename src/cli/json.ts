/** JSON as Go's encoding/json writes it: on one line without spaces, `<`, `>` and `&` as they are. */
export function goJson(value: unknown): string {
  return escapeSeparators(JSON.stringify(value ?? null));
}

export interface JsonOptions {
  /** Default: four spaces. */
  indent?: string;
  /** Escape `<`, `>` and `&` as Go's Marshal does; Podman's inspect and ps do not. */
  escapeHtml?: boolean;
}

/** Indented JSON without a final newline; empty lists and objects on one line, as Go's MarshalIndent has them. */
export function printJson(value: unknown, options: JsonOptions = {}): string {
  const text = escapeSeparators(JSON.stringify(value ?? null, null, options.indent ?? '    '));
  if (!options.escapeHtml) return text;
  return text.replace(/[<>&]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
}

/** Go escapes U+2028 and U+2029 always. */
function escapeSeparators(json: string): string {
  return json.replace(/[\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16)}`);
}
