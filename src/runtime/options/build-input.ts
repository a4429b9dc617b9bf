/** What a container's configuration is made of. */
import type { ContainersConf } from '../../config/containers-conf.ts';
import type { ImageConfig } from '../../oci/image-spec.ts';
import type { Container } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';
import type { IdSource } from '../id-source.ts';
import type { CreateOptions } from './create-options.ts';

export interface BuildInput {
  options: CreateOptions;
  /** What follows the image on the command line. */
  command: string[];
  image: BuildImage | null;
  /** The operand when it is a folder: `--rootfs PATH[:O]`. */
  rootfs?: string;
  /** argv, for inspect. */
  createCommand: string[];
  conf: ContainersConf;
  host: HostFacts;
  /** The OCI runtime that was chosen. */
  runtime: { name: string; path: string };
  /** Finds other containers by name, id or prefix. @throws NO_SUCH_CONTAINER, AMBIGUOUS_NAME */
  findContainer(nameOrId: string): Container;
  /** True for a name that another container has: generated names avoid them. */
  isNameTaken(name: string): boolean;
  /** For --userns=auto; without it nothing is taken for used. */
  ids?: IdSource;
}

export interface BuildImage {
  /** 64 hex characters. */
  id: string;
  /** The full name that was resolved. */
  name: string;
  /** As the user typed it. */
  rawName: string;
  config: ImageConfig;
}
