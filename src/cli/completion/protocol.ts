/** What completion is made of; the numbers are cobra's. */
export interface Candidate {
  text: string;
  description?: string;
}

/** DEFAULT lets the shell complete file names when there is no candidate. */
export const DEFAULT = 0;
export const NO_SPACE = 2;
export const NO_FILES = 4;

export interface Completions {
  candidates: Candidate[];
  directive: number;
}

/** Names of things that exist. Called only for what is completed. */
export interface Names {
  containers(which: 'all' | 'running' | 'paused' | 'startable'): { id: string; name: string }[];
  /** Names with tags, and ids. */
  images(): { id: string; names: string[] }[];
  networks(): string[];
  pods(): { id: string; name: string }[];
  volumes(): string[];
  registries(): string[];
  /** Kernel settings that begin with `prefix`, in dots. */
  sysctls(prefix: string): string[];
  /** Network interfaces of the host. */
  interfaces(): string[];
}
