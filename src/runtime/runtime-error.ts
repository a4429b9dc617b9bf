/** What crun and runc say, as an error with Podman's words and codes. The only file that knows their sentences. */
import { basename } from 'node:path';
import { type ErrorCode, TspodError } from '../errors.ts';

const rules: [pattern: RegExp, code: ErrorCode, words: string][] = [
  [/permission denied|operation not permitted/i, 'COMMAND_NOT_EXECUTABLE', 'OCI permission denied'],
  [
    /executable file not found in|no such file or directory|open executable/i,
    'COMMAND_NOT_FOUND',
    'OCI runtime attempted to invoke a command that was not found',
  ],
];

/** From what the runtime printed while it created a container or an exec session. `runtime` is its path or name. */
export function runtimeError(runtime: string, output: string): TspodError {
  const text = runtimeMessage(output);
  const name = basename(runtime);
  for (const [pattern, code, words] of rules) {
    const line = text.split('\n').find((each) => pattern.test(each));
    if (line !== undefined) return new TspodError(code, `${name}: ${line}: ${words}`);
  }
  return new TspodError('RUNTIME_FAILED', `${name}: ${text.replaceAll('\n', ' ')}: OCI runtime error`);
}

/** The message inside the runtime's log lines; the last error when there are several. Text in another form as it is. */
export function runtimeMessage(output: string): string {
  const lines = output.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parseLine(line.trim())]));
  const errors = lines.filter(({ level }) => level === 'error' || level === 'fatal');
  const last = errors.at(-1);
  if (last) return last.message;
  return lines.map(({ message }) => message).join('\n') || 'it ended without a message';
}

interface Line {
  level: string;
  message: string;
}

function parseLine(line: string): Line {
  return parseJson(line) ?? parseLogfmt(line) ?? { level: '', message: line };
}

function parseJson(line: string): Line | null {
  if (!line.startsWith('{')) return null;
  try {
    const { level, msg } = JSON.parse(line) as { level?: unknown; msg?: unknown };
    return typeof msg === 'string' ? { level: String(level ?? 'error'), message: msg } : null;
  } catch {
    return null;
  }
}

/** `time="..." level=error msg="..."`, quoted as Go does. */
function parseLogfmt(line: string): Line | null {
  const match = /^time=\S+ level=(\w+) msg=(?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(line);
  if (!match) return null;
  const [, level = '', quoted, bare] = match;
  return { level, message: bare ?? unquote(quoted ?? '') };
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? letter).trim();
}
