/** What a policy calls an image, by where it comes from. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathScopes, registryScopes, storageScopes } from '../../config/policy-scopes.ts';
import { formatReference, type Reference } from '../../registry/reference.ts';
import type { PolicySubject } from './enforce.ts';

/** An image of a registry, or of a Docker daemon. */
export function registrySubject(reference: Reference, transport: 'docker' | 'docker-daemon' = 'docker'): PolicySubject {
  const full = formatReference(reference);
  const name = transport === 'docker' ? `docker://${full}` : `${transport}:${full}`;
  return { transport, scopes: registryScopes(reference), name, reference };
}

/** An image of a folder or an archive. @param image the name within it, for messages */
export function pathSubject(
  transport: 'dir' | 'oci' | 'oci-archive' | 'docker-archive',
  path: string,
  image = '',
): PolicySubject {
  const real = realPath(path);
  const scopes = transport === 'docker-archive' ? [] : pathScopes(real);
  return { transport, scopes, name: `${transport}:${path}${image ? `:${image}` : ''}`, reference: null };
}

/** An image of a containers/storage. */
export function storageSubject(
  store: { driver: string; root: string },
  reference: Reference | null,
  id: string,
): PolicySubject {
  const full = reference ? formatReference(reference) : '';
  const name = `containers-storage:[${store.driver}@${store.root}]${full}@${id}`;
  return { transport: 'containers-storage', scopes: storageScopes(store, reference, id), name, reference };
}

/** Scopes are paths without links: who may make a link may not choose the policy. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
