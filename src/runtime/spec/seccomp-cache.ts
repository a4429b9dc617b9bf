/**
 * Compiled seccomp filters. crun turns the profile into BPF at every start, which takes more time than all else that
 * it does; it leaves the result in its folder and takes it back by an annotation. So the first start of a boot
 * keeps it, and the next ones with the same profile and capabilities hand it over.
 */
import { mkdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Seccomp, Spec } from '../../oci/runtime-spec.ts';
import { writeFileAtomic } from '../../system/atomic-file.ts';
import { filterAnnotation } from './annotations.ts';
import type { SpecInput } from './input.ts';
import { seccompSource } from './seccomp.ts';

export interface CompiledFilter {
  /** For `SpecInput.filter`; null when it has to be compiled. */
  data: string | null;
  /** To be called once the runtime has made the container of this spec. */
  keep(id: string, spec: Spec): void;
}

/** @param folder of this boot; only root can write there, or the filter could be anybody's. */
export function compiledFilter(input: SpecInput, folder: string): CompiledFilter {
  const key = filterKey(input);
  if (key === null) return { data: null, keep: () => {} };
  const path = `${folder}/${hash(key)}`;
  const data = readFilter(path, key);
  if (data !== null) return { data, keep: () => {} };
  return {
    data: null,
    keep(id, { linux }) {
      if (linux.seccomp && isPlain(linux.seccomp)) keepFilter(`/run/crun/${id}/seccomp.bpf`, path, key);
    },
  };
}

/** All that the program depends on, in one line; null when there is no filter, or the runtime is not crun. */
function filterKey(input: SpecInput): string | null {
  const { config, host } = input;
  const source =
    basename(config.runtime) === 'crun' && !(filterAnnotation in config.annotations) && seccompSource(input);
  if (!source) return null;
  const profile = source.path ? versionOf(source.path) : 'own profile 1';
  // Another crun may come with another libseccomp.
  const runtime = versionOf(config.runtime);
  if (!profile || !runtime) return null;
  return `${[profile, runtime, host.arch, ...host.kernel, ...source.caps].join(' ')}\n`;
}

function versionOf(path: string): string | null {
  const stat: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  return stat ? `${path} ${stat.mtimeMs} ${stat.size} ${stat.ino}` : null;
}

/** Flags and listeners are more than a filter. */
function isPlain({ flags, listenerPath, syscalls }: Seccomp): boolean {
  return !flags?.length && !listenerPath && !syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY');
}

/** The whole key is compared too: the name only has to tell files apart. */
function readFilter(path: string, key: string): string | null {
  try {
    const text = readFileSync(path, 'latin1');
    return text.startsWith(key) ? text.slice(key.length) : null;
  } catch {
    return null;
  }
}

function keepFilter(source: string, path: string, key: string): void {
  try {
    const filter = readFileSync(source).toString('base64');
    if (filter === '') return;
    mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true, mode: 0o700 });
    writeFileAtomic(path, key + filter, { sync: false });
  } catch {
    // The next start compiles again: nothing is lost but time.
  }
}

/** FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
