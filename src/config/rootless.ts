/** Who called, seen from inside the launcher's user namespace, where everybody is root. */

/** The user id outside of the launcher's namespaces; 0 for root, also for root that lacks the right to mount. */
export function callerUid(env: NodeJS.ProcessEnv = process.env): number {
  const uid = env['_CONTAINERS_ROOTLESS_UID'];
  return uid === undefined ? (process.geteuid?.() ?? 0) : Number(uid);
}

/** True for a process that is not root, or root only in the namespaces that the launcher (or Podman) made. */
export function isRootless(env: NodeJS.ProcessEnv = process.env): boolean {
  return process.geteuid?.() !== 0 || Boolean(env['_CONTAINERS_USERNS_CONFIGURED']);
}
