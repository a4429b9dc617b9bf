import { mkdtempSync, rmSync } from 'node:fs';
import { afterEach, beforeEach } from 'vitest';
import { type LogOptions, readLogs } from '../../../src/runtime/logs/read.ts';

/** One record; the second of the day is `at`. */
export function record(text: string, { stream = 'stdout', flag = 'F', at = 0 } = {}): string {
  const time = new Date(Date.UTC(2024, 4, 1) + at * 1000).toISOString().replace('Z', '000000+00:00');
  return `${time} ${stream} ${flag} ${text}\n`;
}

/** What is printed on both streams. */
export async function printed(options: LogOptions): Promise<{ stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' };
  for await (const { stream, data } of readLogs(options)) out[stream] += data.toString();
  return out;
}

/** A folder for each test. */
export function temporaryFolder(): () => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync('/tmp/tspod-logs-');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
