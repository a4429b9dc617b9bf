/** Where health checks of a container live, and whether it has any. */
import { containerRunDir, type EnginePaths } from '../../config/paths.ts';
import type { ContainerConfig } from '../container.ts';

/** What the monitor reads; docs/health-checks.md describes it. */
export function healthConfigPath(paths: EnginePaths, id: string): string {
  return `${containerRunDir(paths, id)}/health.conf`;
}

/** Results, in Podman's JSON: beside the volatile files, or in the folder of --health-log-destination. */
export function healthLogPath(paths: EnginePaths, { id, healthLogDestination = '' }: ContainerConfig): string {
  const isFolder = healthLogDestination.startsWith('/');
  return isFolder ? `${healthLogDestination}/${id}-healthcheck.log` : `${containerRunDir(paths, id)}/healthcheck.log`;
}

/** False without a check, and with `NONE`. */
export function hasHealthcheck({ healthcheck }: Pick<ContainerConfig, 'healthcheck'>): boolean {
  return (healthcheck?.Test ?? []).length > 0 && healthcheck?.Test?.[0] !== 'NONE' && healthcheck?.Test?.[0] !== '';
}
