/** resolv.conf, hosts and hostname of a container, made anew at every start in its volatile folder. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { containerRunDir } from '../config/paths.ts';
import type { Uplink } from '../network/uplink.ts';
import type { ContainerConfig, NetworkStatus } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { dependenciesOf } from './joined.ts';

/** Undefined where the image's own file is to be seen. */
export interface EtcFiles {
  resolvConf: string | undefined;
  hosts: string | undefined;
  hostname: string | undefined;
}

/** Writes the files and returns their host paths. */
export async function writeEtcFiles(
  rt: RuntimeContext,
  config: ContainerConfig,
  networks: Record<string, NetworkStatus>,
  uplink: Uplink | null,
): Promise<EtcFiles> {
  const folder = containerRunDir(rt.paths, config.id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const shared = sharedFiles(rt, config);
  const [{ resolvConf }, { hosts }] = await Promise.all([
    import('../network/resolv-conf.ts'),
    import('../network/hosts.ts'),
  ]);
  const write = (name: string, content: string): string => {
    writeFileSync(`${folder}/${name}`, content, { mode: 0o644 });
    return `${folder}/${name}`;
  };
  const input = { config, networks, uplink, conf: rt.conf };
  return {
    resolvConf: config.noResolvConf ? undefined : shared ? shared.resolvConf : write('resolv.conf', resolvConf(input)),
    hosts: config.noHosts ? undefined : shared ? shared.hosts : write('hosts', hosts(input)),
    hostname: config.noHostname ? undefined : write('hostname', `${config.hostname}\n`),
  };
}

/** With `--network container:X` the name resolution of X is used too. */
function sharedFiles(rt: RuntimeContext, config: ContainerConfig): Pick<EtcFiles, 'resolvConf' | 'hosts'> | null {
  if (config.network.mode !== 'container') return null;
  const folder = containerRunDir(rt.paths, config.network.id);
  if (dependenciesOf(config).length === 0) return null;
  // X itself may have been made without one.
  const existing = (path: string) => (existsSync(path) ? path : undefined);
  return { resolvConf: existing(`${folder}/resolv.conf`), hosts: existing(`${folder}/hosts`) };
}
