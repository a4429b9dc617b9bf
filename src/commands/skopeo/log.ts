/** Lines as skopeo prints them: logrus, on standard error. */
import { isTerminal, writeAll } from '../../cli/output.ts';
import { printable } from '../../cli/printable.ts';

export type Level = 'debug' | 'info' | 'warning' | 'error' | 'fatal';

/** @param fields more of them, in order */
export function logLine(level: Level, message: string, fields: Readonly<Record<string, string>> = {}): void {
  writeAll(2, isTerminal(2) ? humanLine(level, message, fields) : machineLine(level, message, fields));
}

function machineLine(level: Level, message: string, fields: Readonly<Record<string, string>>): string {
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const more = Object.entries(fields).map(([key, value]) => ` ${key}=${quoted(value)}`);
  return `time="${time}" level=${level} msg=${quoted(message)}${more.join('')}\n`;
}

function humanLine(level: Level, message: string, fields: Readonly<Record<string, string>>): string {
  const more = Object.entries(fields).map(([key, value]) => ` ${key}=${quoted(value)}`);
  return `${level.slice(0, 4).toUpperCase()}[0000] ${message.split('\n').map(printable).join('\n')}${more.join('')}\n`;
}

function quoted(text: string): string {
  return /^[A-Za-z0-9\-._/@^+]+$/.test(text) ? text : JSON.stringify(text);
}
