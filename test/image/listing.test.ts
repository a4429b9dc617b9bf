import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { plainListing } from '../../src/image/listing.ts';
import { baseFiles, makeImage, newTestStore, storeImage, type TestStore } from '../storage/helper.ts';

let files: TestStore;

beforeEach(() => {
  files = newTestStore();
});
afterEach(() => files.cleanup());

const untilTime = () => 0;

async function shown(): Promise<string[]> {
  const images = await plainListing({ store: files.open() }, { untilTime });
  return images.map(({ record, names, size }) => `${names.join(' ')} ${record.id.slice(0, 4)} ${size}`);
}

it('a listing of many images is kept for the next call and never outlives a change by any tool', async () => {
  const store = files.open();
  const image = await makeImage('localhost/real:1', [baseFiles]);
  const real = await storeImage(store, image);
  // Records are all that a listing looks at.
  const path = `${files.root}/overlay-images/images.json`;
  const copies = Array.from({ length: 120 }, (_, index) => {
    const id = index.toString(16).padStart(64, '0');
    return { ...real, id, names: [`localhost/copy${index}:1`], 'names-history': [] };
  });
  writeFileSync(path, JSON.stringify([real, ...copies]));
  const first = await shown();
  expect(first).toHaveLength(121);
  const kept = `${files.root}/tspod/image-list.json`;
  expect(existsSync(kept)).toBe(true);
  expect(await shown()).toEqual(first);
  // The proof that it is read: a word that only it has.
  writeFileSync(kept, readFileSync(kept, 'utf8').replace('localhost/copy7:1', 'localhost/kept7:1'));
  expect((await shown()).join()).toContain('localhost/kept7:1');

  store.setImageNames(copies[3]?.id ?? '', ['localhost/moved:1']);
  expect((await shown()).join()).toMatch(/localhost\/moved:1.*localhost\/copy7:1/);
  const { status, stderr } = spawnSync('skopeo', [
    ...['--insecure-policy', 'copy', '-q', files.reference('localhost/real:1'), files.reference('localhost/theirs:1')],
  ]);
  expect(status, `${stderr}`).toBe(0);
  expect((await shown()).join()).toContain('localhost/theirs:1');
  writeFileSync(kept, '["x');
  expect(await shown()).toHaveLength(121);
});
