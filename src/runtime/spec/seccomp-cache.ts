/**
 * Compiled seccomp filters. crun turns the profile into BPF at every start, which takes more time than all else that
 * it does; it leaves the result in its folder and takes it back by an annotation. So the first start of a boot
 * keeps it, and the next ones with the same profile hand it over.
 */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import type { Seccomp, Spec } from '../../oci/runtime-spec.ts';
import { writeFileAtomic } from '../../system/atomic-file.ts';

/** crun(1), "EXTENSIONS": base64 of the program that is loaded in place of `linux.seccomp`. */
const annotation = 'run.oci.seccomp_bpf_data';

export interface FilterCache {
  /** Path of the OCI runtime. Only crun knows the annotation. */
  runtime: string;
  runtimeName: string;
  /** A folder of this boot that only root can write to. */
  folder: string;
}

export interface CachedFilter {
  spec: Spec;
  /** To be called with the container's id once the runtime has made it; null when there is nothing to keep. */
  keep: ((id: string) => void) | null;
}

/** The spec with the compiled filter in it where there is one. */
export function withCachedFilter(spec: Spec, cache: FilterCache): CachedFilter {
  const { seccomp, ...linux } = spec.linux;
  if (!seccomp || cache.runtimeName !== 'crun' || !isPlain(seccomp) || annotation in spec.annotations) {
    return { spec, keep: null };
  }
  const key = `${versionOf(cache.runtime)}\n${JSON.stringify(seccomp)}\n`;
  const path = `${cache.folder}/${hash(key)}`;
  const known = readFilter(path, key);
  if (known === null) return { spec, keep: (id) => keepFilter(`/run/crun/${id}/seccomp.bpf`, path, key) };
  return { spec: { ...spec, linux, annotations: { ...spec.annotations, [annotation]: known } }, keep: null };
}

/** Flags and listeners are more than a filter. */
function isPlain({ flags, listenerPath, syscalls }: Seccomp): boolean {
  return !flags?.length && !listenerPath && !syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY');
}

/** Another crun may come with another libseccomp. */
function versionOf(runtime: string): string {
  const { mtimeMs, size } = statSync(runtime);
  return `${runtime} ${mtimeMs} ${size}`;
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
