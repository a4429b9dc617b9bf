/** Text of strangers (commands, labels, answers of registries) that must not steer the terminal it is shown on. */

const NAMES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Control characters (C0, DEL, C1) become visible: `\x1b`, `\n`. For one cell of a table. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, visible);
}

/** The same for a message of several lines, whose newlines and tabs are its own. */
export function printableLines(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, visible);
}

function visible(character: string): string {
  return NAMES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
