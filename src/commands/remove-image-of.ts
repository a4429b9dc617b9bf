import type { Context } from '../cli/command.ts';
import { messageOf } from '../errors.ts';
import type { ContainerConfig } from '../runtime/container.ts';
import { warner } from './for-each-container.ts';

/** --rmi: once the container is gone, its image goes too, unless somebody else uses it. */
export async function removeImageOf(config: ContainerConfig, context: Context): Promise<void> {
  const { engine } = context;
  if (!config.autoRemoveImage || engine.state.get(config.id)) return;
  const { removeImages } = await import('../image/remove.ts');
  const { errors } = await removeImages(engine, [config.imageName || config.imageId], { ignore: true });
  for (const error of errors) warner(context)(`Failed to remove image: ${messageOf(error)}`);
}
