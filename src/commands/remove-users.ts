/** `rmi --force` removes the containers of an image, running ones too. */
import type { Engine } from '../engine.ts';
import { messageOf, TspodError } from '../errors.ts';
import { removeWithPod } from '../runtime/remove-with-pod.ts';

/** @throws TspodError naming the container that stays */
export async function removeContainersOf(engine: Engine, imageId: string): Promise<void> {
  for (const { id, image } of engine.store.containers()) {
    const container = image === imageId ? engine.state.get(id) : null;
    if (container === null) continue;
    try {
      await removeWithPod(engine, container, { force: true, depend: true });
    } catch (error) {
      const words = `removing image ${imageId}: container ${id} using image could not be removed: ${messageOf(error)}`;
      throw new TspodError('IMAGE_IN_USE', words, { cause: error });
    }
  }
}
