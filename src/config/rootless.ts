/** Who called, seen from inside the launcher's user namespace, where everybody is root. */
import { TspodError } from '../errors.ts';

// From the launcher, for this process alone: not for the programs that it starts.
const wasLaunched = process.env['TSPOD_LAUNCHED'] !== undefined;
delete process.env['TSPOD_LAUNCHED'];

/** The user id outside of the launcher's namespaces; 0 for root, also for root that lacks the right to mount. */
export function callerUid(env: NodeJS.ProcessEnv = process.env): number {
  const uid = env['_CONTAINERS_ROOTLESS_UID'];
  return uid === undefined ? (process.geteuid?.() ?? 0) : Number(uid);
}

/** As `callerUid`, of the group. */
export function callerGid(env: NodeJS.ProcessEnv = process.env): number {
  const gid = env['_CONTAINERS_ROOTLESS_GID'];
  return gid === undefined ? (process.getegid?.() ?? 0) : Number(gid);
}

/** True for a process that is not root, or root only in the namespaces that the launcher (or Podman) made. */
export function isRootless(env: NodeJS.ProcessEnv = process.env): boolean {
  return process.geteuid?.() !== 0 || Boolean(env['_CONTAINERS_USERNS_CONFIGURED']);
}

/** The folder of this user's volatile files, as the launcher found it. */
export function runtimeDir(env: NodeJS.ProcessEnv = process.env): string {
  return env['XDG_RUNTIME_DIR'] || `/tmp/storage-run-${callerUid(env)}`;
}

/**
 * For commands whose result is a mount: it is seen only by who is in the namespaces already.
 * @throws NO_PERMISSION when the launcher has just entered them
 */
export function requireUnshare(command: string): void {
  if (!wasLaunched) return;
  const words = `cannot run command ${JSON.stringify(`podman ${command}`)} in rootless mode`;
  throw new TspodError('NO_PERMISSION', `${words}, must execute \`podman unshare\` first`);
}
