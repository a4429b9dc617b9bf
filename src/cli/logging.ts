/** `--log-level`: lines on standard error as logrus prints them. */
import type { GlobalArgs } from './globals.ts';
import { writeAll } from './output.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'] as const;

export type LogLevel = (typeof LEVELS)[number];

let threshold: number = LEVELS.indexOf('warn');

/** Applies --log-level and --debug. Prints why and returns false, without `Error:` as Podman does, when they are wrong. */
export function setLogLevel(globals: GlobalArgs): boolean {
  if (globals.debug && globals.given.has('log-level')) return refuse('Setting --log-level and --debug is not allowed');
  const name = globals.debug ? 'debug' : globals.logLevel.toLowerCase();
  const level = LEVELS.indexOf(name as LogLevel);
  if (level < 0) {
    const choices = LEVELS.join(', ');
    return refuse(`Log Level ${JSON.stringify(globals.logLevel)} is not supported, choose from: ${choices}`);
  }
  threshold = level;
  return true;
}

function refuse(message: string): false {
  writeAll(2, `${message}\n`);
  return false;
}

/** Prints `message` when its level was asked for. */
export function log(level: LogLevel, message: string): void {
  if (LEVELS.indexOf(level) < threshold) return;
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  writeAll(2, `time="${time}" level=${level} msg=${JSON.stringify(message)}\n`);
}
