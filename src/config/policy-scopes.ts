/**
 * The names under which policy.json and registries.d speak of an image, most specific first
 * (containers-policy.json(5), "Supported transports and their scopes").
 */

/** A full name, apart from its tag and digest. */
export interface ScopedName {
  domain: string;
  path: string;
  tag: string;
  digest: string;
}

/** Of `docker` and `docker-daemon`: the full name, the repository, its parents, the host, wildcards of its domain. */
export function registryScopes({ domain, path, tag, digest }: ScopedName): string[] {
  const repository = `${domain}/${path}`;
  const scopes = [repository + (digest ? `@${digest}` : `:${tag}`)];
  const parts = repository.split('/');
  for (let length = parts.length; length > 0; length -= 1) scopes.push(parts.slice(0, length).join('/'));
  const labels = (domain.split(':')[0] ?? '').split('.');
  for (let index = 1; index < labels.length; index += 1) scopes.push(`*.${labels.slice(index).join('.')}`);
  return scopes;
}

/** Of `dir`, `oci` and `oci-archive`: the path and the folders above it. @param path absolute, without links */
export function pathScopes(path: string): string[] {
  const scopes: string[] = [];
  for (let scope = path; scope !== '' && scope !== '/'; scope = scope.slice(0, scope.lastIndexOf('/'))) {
    scopes.push(scope);
  }
  return scopes;
}

/** Of `containers-storage`: names below `[DRIVER@ROOT]`, the store itself, the root alone. */
export function storageScopes(store: { driver: string; root: string }, name: ScopedName | null, id = ''): string[] {
  const prefix = `[${store.driver}@${store.root}]`;
  const names = name ? registryScopes(name).filter((scope) => !scope.startsWith('*.')) : [];
  const scopes = names.map((scope) => prefix + scope);
  if (id) scopes.unshift(`${names[0] ? prefix + names[0] : prefix}@${id}`);
  return [...scopes, prefix, `[${store.root}]`];
}
