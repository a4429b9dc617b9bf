import type { ContainerConfig } from '../container.ts';

/** crun(1), "EXTENSIONS": base64 of the program that is loaded in place of `linux.seccomp`. */
export const filterAnnotation = 'run.oci.seccomp_bpf_data';

/** Annotations of the user and the engine's own. Those of images and labels never get here: runtimes obey some. */
export function annotationsFor(config: ContainerConfig): Record<string, string> {
  return {
    'io.container.manager': 'tspod',
    ...(config.stopSignal > 0 && {
      'org.opencontainers.image.stopSignal': String(config.stopSignal),
      'org.systemd.property.KillSignal': String(config.stopSignal),
    }),
    ...(config.stopTimeout > 0 && { 'org.systemd.property.TimeoutStopUSec': `uint64 ${config.stopTimeout * 1e6}` }),
    ...(config.keepGroups && { 'run.oci.keep_original_groups': '1' }),
    ...config.annotations,
  };
}
