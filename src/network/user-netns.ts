/**
 * The network namespace that all bridges of a user are in: made by the first container on one, connected to the host
 * by one pasta, gone with the last. Who calls holds the lock of the leases.
 */
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { createNetns, removeNetns } from '../system/netns.ts';
import type { NetworkContext } from './context.ts';
import { startPasta } from './pasta.ts';
import type { Uplink } from './uplink.ts';

/** Makes what is missing: the namespace, or its pasta. No work for root. MISSING_PROGRAM, NETWORK_FAILED. */
export function openUserNetns(context: NetworkContext): void {
  const { userNetns } = context;
  if (userNetns === undefined) return;
  const exists = isNamespace(userNetns);
  if (exists && pastaOf(userNetns) > 0) return;
  mkdirSync(dirname(userNetns), { recursive: true, mode: 0o700 });
  if (!exists) {
    // A file without the mount is from before a reboot, or of namespaces that are gone.
    rmSync(userNetns, { force: true });
    createNetns(userNetns);
  }
  const options = ['--pid', pidFile(userNetns)];
  const uplink = startPasta(context, { netnsPath: userNetns, ports: [], options });
  writeFileAtomic(uplinkFile(userNetns), JSON.stringify(uplink), { mode: 0o600, sync: false });
}

/** Lets go of it; its pasta ends when it sees that. */
export function closeUserNetns({ userNetns }: NetworkContext): void {
  if (userNetns === undefined) return;
  const pasta = pastaOf(userNetns);
  removeNetns(userNetns);
  if (pasta > 0) process.kill(pasta, 'SIGTERM');
  for (const file of [pidFile(userNetns), uplinkFile(userNetns)]) rmSync(file, { force: true });
}

/** What the namespace's pasta offers; null for root, and when no bridge is in use. */
export function userUplink({ userNetns }: NetworkContext): Uplink | null {
  return userNetns === undefined ? null : (JSON.parse(readText(uplinkFile(userNetns)) || 'null') as Uplink | null);
}

/** True for root, whose bridges are on the host, and for a user with a container on one. */
export function hasBridges({ userNetns }: NetworkContext): boolean {
  return userNetns === undefined || isNamespace(userNetns);
}

function pidFile(userNetns: string): string {
  return `${dirname(userNetns)}/pasta.pid`;
}

function uplinkFile(userNetns: string): string {
  return `${dirname(userNetns)}/uplink.json`;
}

/** A mount of the kernel's own file system, and not the file below it. */
function isNamespace(path: string): boolean {
  const device = (of: string) => statSync(of, { throwIfNoEntry: false })?.dev;
  const own = device(path);
  return own !== undefined && own !== device(dirname(path));
}

/** Its pid, 0 when it does not run: the number may be another's by now. */
function pastaOf(userNetns: string): number {
  const pid = Number(readText(pidFile(userNetns)).trim());
  if (!Number.isInteger(pid) || pid < 2) return 0;
  return readText(`/proc/${pid}/cmdline`).split('\0').includes(userNetns) ? pid : 0;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}
