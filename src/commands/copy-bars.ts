/** One bar per blob, redrawn in place. */

import type { CopyEvent } from '../image/events.ts';
import type { Digest } from '../oci/digest.ts';

interface Bar {
  size: number;
  bytes: number;
  state: 'waiting' | 'copying' | 'done' | 'skipped';
}

const interval = 100;
const width = 38;

export class CopyBars {
  readonly #write: (text: string) => void;
  readonly #bars = new Map<Digest, Bar>();
  #drawn = 0;
  #last = 0;
  #started = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Takes the event if it belongs to a bar. */
  handles(event: CopyEvent): boolean {
    if (event.type === 'blob') this.#add(event);
    else if (event.type === 'blob-progress') this.#move(event.digest, event.bytes);
    else if (event.type === 'blob-done') this.#done(event.digest);
    else return false;
    return true;
  }

  /** Draws the last state and leaves it standing. */
  finish(): void {
    if (this.#bars.size > 0) this.#draw();
    this.#bars.clear();
    this.#drawn = 0;
  }

  #add({ digest, size, exists }: { digest: Digest; size: number; exists: boolean }): void {
    if (this.#bars.size === 0) this.#started = Date.now();
    if (!this.#bars.has(digest)) this.#bars.set(digest, { size, bytes: 0, state: exists ? 'skipped' : 'waiting' });
    this.#draw(true);
  }

  #move(digest: Digest, bytes: number): void {
    const bar = this.#bars.get(digest);
    if (!bar || bar.state === 'done') return;
    bar.state = 'copying';
    bar.bytes = bytes;
    this.#draw(true);
  }

  #done(digest: Digest): void {
    const bar = this.#bars.get(digest);
    if (bar) bar.state = 'done';
    this.#draw(true);
  }

  #draw(throttled = false): void {
    const now = Date.now();
    if (throttled && now - this.#last < interval) return;
    this.#last = now;
    const seconds = Math.max((now - this.#started) / 1000, 0.1);
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : '';
    const lines = [...this.#bars].map(([digest, bar]) => `\r\u001b[K${barLine(digest, bar, seconds)}\n`);
    this.#write(up + lines.join(''));
    this.#drawn = lines.length;
  }
}

/** One line, without the newline. */
export function barLine(digest: Digest, { size, bytes, state }: Bar, seconds: number): string {
  const name = `Copying blob ${digest.slice(7, 19)}`;
  if (state === 'skipped') return `${name} skipped: already exists`;
  if (state === 'done') return `${name} done   |`;
  const share = size === 0 ? 1 : Math.min(bytes / size, 1);
  const filled = Math.round(share * width);
  const bar = `${'='.repeat(Math.max(filled - 1, 0))}${filled > 0 ? '>' : ''}`.padEnd(width, '-');
  return `${name} [${bar}] ${binarySize(bytes)} / ${binarySize(size)} | ${binarySize(bytes / seconds)}/s`;
}

function binarySize(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)}b`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toFixed(1)}${units[unit]}`;
}
