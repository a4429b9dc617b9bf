/** What a spec is made of. The caller (start) has mounted and written everything that is named here. */
import type { ContainersConf } from '../../config/containers-conf.ts';
import type { ImageConfig } from '../../oci/image-spec.ts';
import type { Mount } from '../../oci/runtime-spec.ts';
import type { ContainerConfig } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';

export interface SpecInput {
  config: ContainerConfig;
  /** The mounted root file system. */
  rootfs: string;
  image: ImageConfig | null;
  /** Host paths of files that are bound into the container; `prepareRun` in prepare.ts writes some of them. */
  files: SpecFiles;
  /** The network namespace that was set up; null when the runtime makes, joins or shares one. */
  netnsPath: string | null;
  /** Container id to host pid, for each `container:ID` mode. */
  joinPids: Record<string, number>;
  conf: ContainersConf;
  host: HostFacts;
  /** Parent of NAME/_data of named volumes. */
  volumeDir: string;
  cgroupManager: 'cgroupfs' | 'systemd';
  /** Overlay and image volumes: see overlays.ts. */
  mounts?: Mount[];
  /** Of mounts.conf: given up where the user mounts something else. */
  defaultMounts?: Mount[];
  /** A compiled seccomp filter that takes the place of the profile: see seccomp-cache.ts. */
  filter?: string | null;
}

export interface SpecFiles {
  resolvConf?: string | null | undefined;
  hosts?: string | null | undefined;
  hostname?: string | null | undefined;
  /** /run/.containerenv */
  containerenv?: string | null | undefined;
  /** Copies of the image's files with a line more, when the container's user needs one. */
  passwd?: string | null | undefined;
  group?: string | null | undefined;
  /** /etc/localtime */
  localtime?: string | null | undefined;
  /** A tmpfs for /dev/shm that other containers can join; without it the runtime mounts one of its own. */
  shm?: string | null | undefined;
  /** Folder with notify.sock, for /run/notify. */
  notifyDir?: string | null | undefined;
}
