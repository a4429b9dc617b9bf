/** Some rounds of everything, beside other processes that do the same. argv: graph root, run root, seed, rounds. */
import { existsSync } from 'node:fs';
import { hasCode } from '../../src/errors.ts';
import { openStore } from '../../src/storage/store.ts';
import { baseFiles, idOf, makeImage, newContainer, storeImage } from './helper.ts';

const [root = '', runroot = '', seed = '0', rounds = '1'] = process.argv.slice(2);
const store = openStore({ graphRoot: root, runRoot: runroot });
const mine = await makeImage(`localhost/mine${seed}:latest`, [baseFiles, [{ name: `f${seed}`, content: seed }]]);
const shared = await makeImage('localhost/shared:latest', [baseFiles, [{ name: 'shared', content: 'shared' }]]);
let won = 0;
for (let round = 0; round < Number(rounds); round++) {
  await storeImage(store, mine);
  await storeImage(store, shared);
  const id = newContainer(store, `c${seed}`, mine.id, round % 2 === 0);
  if (!existsSync(`${store.mountContainer(id)}/f${seed}`)) throw new Error('the container has not its content');
  won += takeName() ? 1 : 0;
  store.unmountContainer(id);
  store.deleteContainer(id);
  await store.deleteImage(mine.id);
}
process.stdout.write(`${won}\n`);

/** One name for all processes: whoever has it holds it for a moment. */
function takeName(): boolean {
  const id = idOf(`same-${seed}-${Math.random()}`);
  try {
    store.createContainer({ id, name: 'same', imageId: shared.id, volatile: true, metadata: '{}' });
  } catch (error) {
    if (hasCode(error, 'NAME_IN_USE')) return false;
    throw error;
  }
  const others = store.containers().filter(({ names }) => names?.includes('same'));
  if (others.length !== 1) throw new Error(`${others.length} containers have the name`);
  store.deleteContainer(id);
  return true;
}
