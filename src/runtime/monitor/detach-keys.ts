/** Detach keys: `ctrl-p,ctrl-q`, found in what is typed. */
import { TspodError } from '../../errors.ts';

const control = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

/** The bytes of a sequence such as `ctrl-p,ctrl-q` or `a,b`; none for ''. BAD_ARGUMENT for an unknown key. */
export function parseDetachKeys(keys: string): number[] {
  return keys === '' ? [] : keys.split(',').map(keyByte);
}

function keyByte(key: string): number {
  if ([...key].length === 1) return key.charCodeAt(0);
  if (key === 'DEL') return 127;
  const code = key.startsWith('ctrl-') && key.length === 6 ? control.indexOf(key.charAt(5)) : -1;
  if (code < 0) throw new TspodError('BAD_ARGUMENT', `invalid detach keys: Unknown character: '${key}'`);
  return code;
}

export interface Typed {
  /** What the container gets. */
  data: Uint8Array;
  detached: boolean;
}

/** Finds the sequence across chunks. The beginning of one is held back until it is clear that it is none. */
export class DetachFilter {
  readonly #keys: readonly number[];
  #matched = 0;

  constructor(keys: readonly number[]) {
    this.#keys = keys;
  }

  feed(chunk: Uint8Array): Typed {
    if (this.#keys.length === 0) return { data: chunk, detached: false };
    const out: number[] = [];
    for (const byte of chunk) {
      if (this.#take(byte, out)) return { data: Uint8Array.from(out), detached: true };
    }
    return { data: Uint8Array.from(out), detached: false };
  }

  // What is held back shrinks from its start until it is a beginning of the sequence again.
  #take(byte: number, out: number[]): boolean {
    const held = [...this.#keys.slice(0, this.#matched), byte];
    while (held.some((each, index) => each !== this.#keys[index])) out.push(held.shift() ?? 0);
    this.#matched = held.length;
    return this.#matched === this.#keys.length;
  }
}
