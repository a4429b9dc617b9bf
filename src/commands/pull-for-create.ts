/** The pull before a `create` or `run`: a chunk of its own, since a local image needs no registry client. */
import type { Context } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { ResolvedImage } from '../image/context.ts';
import { resolveImage } from '../image/lookup.ts';
import { type PullPolicy, pullImage } from '../image/pull.ts';
import { pullArchive } from '../image/pull-archive.ts';
import { chooseName } from './choose-name.ts';
import { copyProgress } from './copy-progress.ts';
import type { CreateArgs } from './create-container.ts';
import { platformOf, remoteOptions } from './registry-flags.ts';

/** @throws what the registry, the store or the policy says */
export async function pullForCreate(
  name: string,
  policy: PullPolicy,
  args: CreateArgs,
  context: Context,
): Promise<ResolvedImage> {
  const progress = copyProgress(context, args.quiet);
  const options = {
    ...remoteOptions(args),
    policy,
    platform: platformOf(args),
    chooseName: chooseName(context),
    onProgress: progress.onProgress,
  };
  try {
    const [archived] = (await pullArchive(context.engine, name, options)) ?? [];
    if (archived === undefined) return await pullImage(context.engine, name, options);
    const image = resolveImage(context.engine, archived);
    if (image) return image;
    throw new TspodError('NO_SUCH_IMAGE', `${name}: image not known`);
  } finally {
    progress.end();
  }
}
