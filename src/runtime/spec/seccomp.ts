/** The seccomp profile of a container: containers-common's JSON turned into that of the OCI runtime specification. */
import { existsSync, readFileSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';
import type { Seccomp } from '../../oci/runtime-spec.ts';
import { capabilitiesFor } from './capabilities.ts';
import type { SpecInput } from './input.ts';
import { convertProfile, type SeccompProfile } from './seccomp-convert.ts';
import { defaultProfile } from './seccomp-default.ts';

/** In the order of precedence; then tspod's own profile. */
const profilePaths = ['/etc/containers/seccomp.json', '/usr/share/containers/seccomp.json'];

export interface SeccompSource {
  /** '' for tspod's own profile. */
  path: string;
  /** The bounding set: rules depend on it. */
  caps: string[];
}

/** Where the filter comes from; null for none: unconfined, privileged without a profile, a kernel without seccomp. */
export function seccompSource({ config, conf, host }: SpecInput): SeccompSource | null {
  const chosen = config.seccompProfile;
  if (chosen === 'unconfined' || !host.seccomp || (config.privileged && !isExplicit(chosen))) return null;
  const path = chosen || conf.containers.seccompProfile || profilePaths.find((candidate) => existsSync(candidate));
  const root = { uid: 0, gid: 0, additionalGids: [], home: '/', isRoot: true, name: '' };
  return { path: path ?? '', caps: capabilitiesFor(config, host, root).bounding };
}

/** @throws BAD_CONFIG when the profile cannot be read or is not one. */
export function seccompFor(input: SpecInput): Seccomp | null {
  const source = seccompSource(input);
  if (!source) return null;
  const profile = source.path ? readProfile(source.path) : defaultProfile;
  const { arch, kernel } = input.host;
  return convertProfile(profile, { arch, caps: source.caps, kernel });
}

function isExplicit(path: string): boolean {
  return path !== '' && !profilePaths.includes(path);
}

function readProfile(path: string): SeccompProfile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const words = `opening seccomp profile failed: open ${path}: no such file or directory`;
    throw new TspodError('BAD_CONFIG', existsSync(path) ? messageOf(cause) : words, { cause });
  }
  try {
    const profile = JSON.parse(text) as SeccompProfile;
    if (typeof profile?.defaultAction !== 'string') throw new Error('no "defaultAction"');
    return profile;
  } catch (cause) {
    const words = `loading seccomp profile (${path}) failed: decoding seccomp profile failed: ${messageOf(cause)}`;
    throw new TspodError('BAD_CONFIG', words, { cause });
  }
}
