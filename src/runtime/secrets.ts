/** The secrets of a container: files that are bound in, and variables that only its process has. */
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { posix } from 'node:path';
import { bundleDir } from '../config/paths.ts';
import type { Mount, Spec } from '../oci/runtime-spec.ts';
import { Secrets } from '../storage/secrets.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import type { ContainerConfig, ContainerSecret } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { outside } from './spec/userns.ts';

/**
 * Copies the content of mounted secrets into the container's own folder, where it is not yet: it stays what it was when
 * the container was made, whatever becomes of the secret.
 * @throws NO_SUCH_SECRET
 */
export function keepSecrets(rt: RuntimeContext, config: ContainerConfig): void {
  for (const secret of mounted(config)) {
    const path = secretFile(rt, config, secret);
    if (existsSync(path)) continue;
    mkdirSync(posix.dirname(path), { recursive: true, mode: 0o700 });
    writeFileAtomic(path, new Secrets(rt.paths.graphRoot).data(secret.name).data);
    const { uid, gid } = outside(config, secret);
    chownSync(path, uid, gid);
    chmodSync(path, secret.mode);
  }
}

/** Relative targets are below /run/secrets. */
export function secretMounts(rt: RuntimeContext, config: ContainerConfig): Mount[] {
  keepSecrets(rt, config);
  return mounted(config).map((secret) => ({
    destination: posix.resolve('/run/secrets', secret.target || secret.name),
    type: 'bind',
    source: secretFile(rt, config, secret),
    options: ['bind', 'rprivate', 'nosuid', 'noexec', 'nodev'],
  }));
}

/** Where the copies are; a user namespace of the container's own must get through to it. */
export function secretFolder(rt: RuntimeContext, { id }: ContainerConfig): string {
  return `${bundleDir(rt.paths, id)}/secrets`;
}

/** Variables as they are now: those of the secret, not of the time when the container was made. @throws NO_SUCH_SECRET */
export function addSecretEnv(rt: RuntimeContext, { secrets = [] }: ContainerConfig, spec: Spec): void {
  const wanted = secrets.filter(({ type }) => type === 'env');
  if (wanted.length === 0) return;
  const store = new Secrets(rt.paths.graphRoot);
  const added = wanted.map(({ name, target }) => `${target}=${store.data(name).data}`);
  const names = new Set(wanted.map(({ target }) => target));
  const others = spec.process.env.filter((entry) => !names.has(entry.split('=', 1)[0] ?? ''));
  spec.process.env = [...others, ...added];
}

function mounted({ secrets = [] }: ContainerConfig): ContainerSecret[] {
  return secrets.filter(({ type }) => type === 'mount');
}

/** By its place in the list: names may be `..`, and one secret may be wanted twice with other modes. */
function secretFile(rt: RuntimeContext, config: ContainerConfig, secret: ContainerSecret): string {
  return `${secretFolder(rt, config)}/${config.secrets?.indexOf(secret)}`;
}
