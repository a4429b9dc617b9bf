/** Changes a store without end, until it is killed. argv: graph root, run root, seed. */
import { openStore } from '../../src/storage/store.ts';
import { baseFiles, makeImage, newContainer, storeImage } from './helper.ts';

const [root = '', runroot = '', seed = '0'] = process.argv.slice(2);
const store = openStore({ graphRoot: root, runRoot: runroot });
const extra = [{ name: `seed-${seed}`, content: Buffer.alloc(300_000, seed) }];
const images = await Promise.all([
  makeImage(`localhost/a${seed}:latest`, [baseFiles, extra]),
  makeImage(`localhost/b${seed}:latest`, [baseFiles, extra, [{ name: 'top', content: seed }]]),
]);
process.stdout.write('ready\n');
for (let round = 0; ; round++) {
  for (const image of images) await storeImage(store, image);
  const ids = [true, false].map((volatile) =>
    newContainer(store, `c${seed}-${volatile}`, images[1]?.id ?? null, volatile),
  );
  for (const id of ids) store.mountContainer(id);
  for (const id of ids) if (round % 2 === 0) store.unmountContainer(id);
  for (const id of ids) store.deleteContainer(id);
  for (const image of images) await store.deleteImage(image.id);
}
