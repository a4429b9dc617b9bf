/** A layer folder in a temporary place, with a canary beside it that nothing may touch. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Digest } from '../../src/oci/digest.ts';
import { packLayer } from '../../src/system/pack.ts';
import { createUnpacker, type UnpackOptions, type UnpackResult } from '../../src/system/unpack.ts';

export class TestLayer implements Disposable {
  readonly home = mkdtempSync('/tmp/tspod-layer-');
  readonly diff = `${this.home}/diff`;
  readonly tarSplit = `${this.home}/layer.tar-split.gz`;

  constructor() {
    mkdirSync(this.diff);
    writeFileSync(`${this.home}/canary`, 'untouched');
  }

  path(name: string): string {
    return `${this.diff}/${name}`;
  }

  async unpack(blob: Uint8Array, options: Partial<UnpackOptions> & { chunk?: number } = {}): Promise<UnpackResult> {
    const { chunk = 65536, ...rest } = options;
    const unpacker = createUnpacker({ dir: this.diff, tarSplit: this.tarSplit, ...rest });
    try {
      for (let at = 0; at < blob.length; at += chunk) {
        const wait = unpacker.write(blob.subarray(at, at + chunk));
        if (wait !== true) await wait;
      }
      return await unpacker.finish();
    } finally {
      await unpacker.abort();
    }
  }

  /** The tar as it is made again from the files. */
  async reassemble(): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of packLayer({ folders: [this.diff], tarSplit: this.tarSplit })) parts.push(part);
    return Buffer.concat(parts);
  }

  /** Everything beside the layer is as it was. */
  intact(): boolean {
    const names = readdirSync(this.home).toSorted().join();
    return (
      /^canary,diff(,layer.tar-split.gz)?$/.test(names) && readFileSync(`${this.home}/canary`, 'utf8') === 'untouched'
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true });
  }
}

export function sha256(data: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
