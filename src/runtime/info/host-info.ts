/**
 * The "host" part of `info`, with Podman's JSON names. Members are getters: `--format` computes only what it shows,
 * and what costs something (programs, the network backend) is read at most once.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { ContainersConf } from '../../config/containers-conf.ts';
import { cgroupManager } from '../cgroup-manager.ts';
import type { RuntimeContext } from '../context.ts';
import { type HostFacts, hostFacts } from '../host-facts.ts';
import { cpuUtilization, distribution, idMap, kernelRelease, memory, uptime } from './machine.ts';
import { findProgram, programInfo } from './program-info.ts';

export type HostInfo = ReturnType<typeof hostInfo>;

export function hostInfo(rt: RuntimeContext, buildahVersion: string) {
  const facts = hostFacts();
  const { conf } = rt;
  return {
    arch: facts.arch,
    buildahVersion,
    get cgroupManager() {
      return cgroupManager(rt);
    },
    get cgroupVersion() {
      return `v${facts.cgroup.version}`;
    },
    get cgroupControllers() {
      return facts.cgroup.controllers;
    },
    get conmon() {
      return packaged(rt.globals.conmon ?? monitorPath());
    },
    cpus: availableParallelism(),
    get cpuUtilization() {
      return cpuUtilization();
    },
    databaseBackend: 'sqlite',
    get distribution() {
      return distribution();
    },
    eventLogger: conf.engine.eventsLogger || 'file',
    freeLocks: 2048,
    hostname: facts.hostname,
    get idMappings() {
      return { gidmap: idMap('gid'), uidmap: idMap('uid') };
    },
    get kernel() {
      return kernelRelease();
    },
    logDriver: conf.containers.logDriver || 'k8s-file',
    ...memory(),
    networkBackend: 'netavark',
    get networkBackendInfo() {
      return networkBackend(conf);
    },
    get ociRuntime() {
      return ociRuntime(rt);
    },
    os: 'linux',
    get remoteSocket() {
      const path = facts.rootless ? `${process.env['XDG_RUNTIME_DIR']}/podman/podman.sock` : '/run/podman/podman.sock';
      return { path, exists: existsSync(path) };
    },
    rootlessNetworkCmd: conf.network.defaultRootlessNetworkCmd || 'pasta',
    serviceIsRemote: false,
    get security() {
      return security(facts, conf);
    },
    get slirp4netns() {
      return executable('slirp4netns');
    },
    get pasta() {
      return executable('pasta');
    },
    get uptime() {
      return uptime();
    },
    variant: '',
    linkmode: 'dynamic',
  };
}

/** Beside the addon: two folders below the package are dist/chunks, three src/runtime/info, one dist. */
function monitorPath(): string {
  const ups = ['..', '../..', '../../..'];
  return findProgram(ups.map((up) => resolve(import.meta.dirname, up, 'build/Release/conmon')));
}

function packaged(path: string) {
  const info = programInfo(path);
  return { package: info.package, path, version: info.version };
}

function executable(name: string) {
  const info = programInfo(findProgram([name]));
  return { executable: info.path, package: info.package, version: info.version };
}

/** tspod configures networks itself; only names come from a helper, and the helper is Podman's. */
function networkBackend(conf: ContainersConf) {
  const folders = conf.engine.helperBinariesDir;
  const helper = (name: string) => programInfo(findProgram(folders.map((folder) => `${folder}/${name}`)));
  const dns = helper('aardvark-dns');
  return {
    backend: 'netavark',
    version: 'tspod',
    package: '',
    path: '',
    dns: { version: dns.version, package: dns.package, path: dns.path },
    defaultNetwork: conf.network.defaultNetwork,
  };
}

function ociRuntime(rt: RuntimeContext) {
  const { engine } = rt.conf;
  const chosen = rt.globals.runtime ?? engine.runtime;
  const names = chosen ? [chosen] : ['crun', 'runc'];
  const path = findProgram(
    names.flatMap((name) => (name.includes('/') ? [name] : [...(engine.runtimes[name] ?? []), name])),
  );
  const info = programInfo(path);
  return { name: path.slice(path.lastIndexOf('/') + 1), package: info.package, path, version: info.version };
}

function security(facts: HostFacts, conf: ContainersConf) {
  const profiles = ['/etc/containers/seccomp.json', '/usr/share/containers/seccomp.json'];
  return {
    apparmorEnabled: facts.apparmor,
    capabilities: conf.containers.defaultCapabilities.join(','),
    rootless: facts.rootless,
    seccompEnabled: facts.seccomp,
    seccompProfilePath: conf.containers.seccompProfile || (profiles.find((path) => existsSync(path)) ?? 'built-in'),
    selinuxEnabled: facts.selinux,
  };
}
