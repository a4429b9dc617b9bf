/** Devices of containers of a user: the host's nodes, bound, since nobody but root makes nodes. */
import type { Mount } from '../../oci/runtime-spec.ts';
import { devicesFor } from './devices.ts';
import type { SpecInput } from './input.ts';

/** Virtual consoles and the terminal of the caller are not for containers. */
const withheld = /^\/dev\/(ptmx|tty\d*|console)$/;

export function deviceMounts({ config, conf, host }: SpecInput): Mount[] {
  if (!host.rootless) return [];
  const { devices, sources, rules } = devicesFor(config, conf, host);
  return devices.flatMap(({ path }, index) => {
    if (config.privileged && withheld.test(path)) return [];
    const access = config.privileged || rules[index]?.access.includes('w') ? 'rw' : 'ro';
    const options = ['slave', 'nosuid', 'noexec', access, 'rbind'];
    return [{ destination: path, type: 'bind', source: sources[index] ?? path, options }];
  });
}
