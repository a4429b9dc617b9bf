import { statSync } from 'node:fs';

/** tspod's own version, as in package.json. */
export const TSPOD_VERSION = '0.1.0';

/** The Podman whose command line, messages and JSON tspod follows: what programs that call `podman version` compare. */
export const PODMAN_VERSION = '5.8.2';

/** The Buildah that this Podman contains. */
export const BUILDAH_VERSION = '1.43.1';

/** One side of `version`, with Podman's field names in Podman's order. */
export interface VersionInfo {
  APIVersion: string;
  Version: string;
  GoVersion: string;
  GitCommit: string;
  BuiltTime: string;
  Built: number;
  BuildOrigin: string;
  OsArch: string;
  Os: string;
}

export function versionInfo(): VersionInfo {
  const built = builtAt();
  const arch = { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch;
  return {
    APIVersion: PODMAN_VERSION,
    Version: PODMAN_VERSION,
    GoVersion: `none (Node.js ${process.version})`,
    GitCommit: '',
    BuiltTime: ansiDate(new Date(built * 1000)),
    Built: built,
    BuildOrigin: `tspod ${TSPOD_VERSION}`,
    OsArch: `linux/${arch}`,
    Os: 'linux',
  };
}

/** Unix seconds: when the bundle was written. */
function builtAt(): number {
  return Math.floor(statSync(process.argv[1] ?? process.execPath).mtimeMs / 1000);
}

/** `Mon Oct  2 00:19:24 2026` in local time (Go's time.ANSIC). */
function ansiDate(date: Date): string {
  const [weekday = '', month = '', , year = '', time = ''] = date.toString().split(' ');
  return `${weekday} ${month} ${String(date.getDate()).padStart(2)} ${time} ${year}`;
}
