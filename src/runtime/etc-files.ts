/** resolv.conf, hosts and hostname of a container, made anew at every start in its volatile folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { containerRunDir } from '../config/paths.ts';
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
  const input = { config, networks, conf: rt.conf };
  return {
    resolvConf: config.noResolvConf ? undefined : (shared?.resolvConf ?? write('resolv.conf', resolvConf(input))),
    hosts: config.noHosts ? undefined : (shared?.hosts ?? write('hosts', hosts(input))),
    hostname: config.noHostname ? undefined : write('hostname', `${config.hostname}\n`),
  };
}

/** With `--network container:X` the name resolution of X is used too. */
function sharedFiles(rt: RuntimeContext, config: ContainerConfig): { resolvConf: string; hosts: string } | null {
  if (config.network.mode !== 'container') return null;
  const folder = containerRunDir(rt.paths, config.network.id);
  return dependenciesOf(config).length > 0 ? { resolvConf: `${folder}/resolv.conf`, hosts: `${folder}/hosts` } : null;
}
