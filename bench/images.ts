/** The images to pull: made once into .cache/bench, with content that compresses about as program files do. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, type LayerFile, pushImage } from '../test/fixtures/image.ts';
import { cachedLayer, pushFixtures } from '../test/fixtures/push.ts';

const exec = { Cmd: ['sh'], Env: ['PATH=/bin'] };

export async function pushBenchImages(url: string, wanted: (name: string) => boolean): Promise<void> {
  await pushFixtures(url, ['busybox']);
  if (['pull', 'push', 'save', 'load', 'rmi'].some(wanted)) {
    const large = await cachedLayer('bench-large', 'gzip', (dir) => makeTree(dir, 'a', 11_000, 700_000_000));
    const many = await cachedLayer('bench-many', 'gzip', (dir) => makeTree(dir, 'b', 20_000, 500_000_000));
    await pushImage(url, 'library/large', 'latest', buildImage([large], exec));
    await pushImage(url, 'library/many', 'latest', buildImage([many], exec));
    await pushImage(url, 'library/both', 'latest', buildImage([large, many], exec));
    await pushImage(url, 'library/tiny', 'latest', buildImage(await tinyLayers(120), exec));
  }
}

async function tinyLayers(count: number): Promise<LayerFile[]> {
  const layers: LayerFile[] = [];
  for (let index = 0; index < count; index++) {
    const make = async (dir: string) => writeFileSync(join(dir, `file-${index}`), `layer ${index}\n`);
    layers.push(await cachedLayer(`bench-tiny-${index}`, 'gzip', make));
  }
  return layers;
}

/** Files of uneven sizes (half of the bytes in a tenth of the files), 40 to a folder. */
async function makeTree(dir: string, prefix: string, files: number, bytes: number): Promise<void> {
  const random = generator(files);
  const pool = textPool(random, 8_000_000);
  const weights = Array.from({ length: files }, () => random() ** 6 + 0.01);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    const folder = join(dir, `${prefix}${Math.floor(index / 400)}`, `d${Math.floor(index / 40) % 10}`);
    if (index % 40 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${index}`), content(pool, random, Math.round((weight / total) * bytes)));
  }
}

function content(pool: Buffer, random: () => number, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let left = size; left > 0; ) {
    const start = Math.floor(random() * (pool.length - 70_000));
    const part = pool.subarray(start, start + Math.min(left, 4_000 + Math.floor(random() * 60_000)));
    parts.push(part);
    left -= part.length;
  }
  return Buffer.concat(parts);
}

/** Words with a sixth of noise between them: gzip makes a good third of it, as of program files. */
function textPool(random: () => number, size: number): Buffer {
  const words = Array.from({ length: 3_000 }, () =>
    random()
      .toString(36)
      .slice(2, 4 + Math.floor(random() * 8)),
  );
  const pool = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const noise = random() < 0.05;
    const piece = noise
      ? Buffer.from(Array.from({ length: 24 }, () => random() * 256))
      : Buffer.from(`${words[Math.floor(random() ** 2 * 3_000)]} `);
    at += piece.copy(pool, at);
  }
  return pool;
}

/** A small linear congruential generator: the same bytes in every sitting. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
