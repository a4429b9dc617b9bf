/** Artifacts of the store, looked at and removed. */
import type { Digest } from '../../oci/digest.ts';
import type { ImageContext } from '../context.ts';
import { type Artifact, withArtifacts } from './store.ts';

export function listArtifacts(context: ImageContext): Promise<Artifact[]> {
  return withArtifacts(context, 'shared', (artifacts) => artifacts.list());
}

/** @throws TspodError NO_SUCH_IMAGE */
export function findArtifact(context: ImageContext, nameOrDigest: string): Promise<Artifact> {
  return withArtifacts(context, 'shared', (artifacts) => artifacts.require(nameOrDigest));
}

/**
 * @param names null for all
 * @returns digests of what was removed
 * @throws TspodError NO_SUCH_IMAGE unless `ignore`
 */
export function removeArtifacts(
  context: ImageContext,
  names: readonly string[] | null,
  ignore = false,
): Promise<Digest[]> {
  return withArtifacts(context, 'exclusive', (artifacts) => {
    const removed: Digest[] = [];
    const wanted = names?.map((name) => (ignore ? artifacts.find(name) : artifacts.require(name))) ?? artifacts.list();
    for (const artifact of wanted) {
      if (artifact === null) continue;
      artifacts.remove(artifact);
      removed.push(artifact.digest);
    }
    return removed;
  });
}
