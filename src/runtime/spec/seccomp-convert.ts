/**
 * Profiles as containers/common and Docker write them: rules with conditions on capabilities, architecture and kernel.
 * The OCI form has no conditions, so they are decided here.
 */
import type { Seccomp, SeccompArgument, SeccompRule } from '../../oci/runtime-spec.ts';

export interface SeccompCondition {
  caps?: string[] | null;
  arches?: string[] | null;
  /** `4.8` */
  minKernel?: string;
}

export interface ProfileRule {
  name?: string;
  names?: string[] | null;
  action: string;
  errnoRet?: number | null;
  /** A name such as EPERM; wins over errnoRet in Podman. */
  errno?: string;
  args?: SeccompArgument[] | null;
  includes?: SeccompCondition | null;
  excludes?: SeccompCondition | null;
}

export interface SeccompProfile {
  defaultAction: string;
  defaultErrnoRet?: number | null;
  defaultErrno?: string;
  architectures?: string[] | null;
  archMap?: { architecture: string; subArchitectures?: string[] | null }[] | null;
  flags?: string[];
  listenerPath?: string;
  listenerMetadata?: string;
  syscalls?: ProfileRule[] | null;
}

export interface SeccompTarget {
  /** As Go names it. */
  arch: string;
  caps: readonly string[];
  kernel: readonly [number, number];
}

export function convertProfile(profile: SeccompProfile, target: SeccompTarget): Seccomp {
  const architectures = architecturesOf(profile, target.arch);
  const rules = (profile.syscalls ?? []).filter((rule) => applies(rule, target)).map(convertRule);
  return {
    defaultAction: profile.defaultAction,
    ...(typeof profile.defaultErrnoRet === 'number' && { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(architectures.length > 0 && { architectures }),
    ...(profile.flags?.length && { flags: profile.flags }),
    ...(profile.listenerPath && { listenerPath: profile.listenerPath }),
    ...(profile.listenerMetadata && { listenerMetadata: profile.listenerMetadata }),
    syscalls: rules.filter((rule) => rule.names.length > 0),
  };
}

const native: Record<string, string> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  arm: 'SCMP_ARCH_ARM',
  '386': 'SCMP_ARCH_X86',
  s390x: 'SCMP_ARCH_S390X',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  riscv64: 'SCMP_ARCH_RISCV64',
  mips64le: 'SCMP_ARCH_MIPSEL64',
};

function architecturesOf({ architectures, archMap }: SeccompProfile, arch: string): string[] {
  if (architectures?.length) return architectures;
  const entry = archMap?.find(({ architecture }) => architecture === native[arch]);
  return entry ? [entry.architecture, ...(entry.subArchitectures ?? [])] : [];
}

/** All that is included must be there, and nothing that is excluded. */
function applies({ includes, excludes }: ProfileRule, { arch, caps, kernel }: SeccompTarget): boolean {
  if (excludes?.arches?.includes(arch) || excludes?.caps?.some((cap) => caps.includes(cap))) return false;
  if (excludes?.minKernel && isAtLeast(kernel, excludes.minKernel)) return false;
  if (includes?.arches?.length && !includes.arches.includes(arch)) return false;
  if (includes?.caps?.some((cap) => !caps.includes(cap))) return false;
  return !includes?.minKernel || isAtLeast(kernel, includes.minKernel);
}

function isAtLeast([major, minor]: readonly [number, number], wanted: string): boolean {
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function convertRule(rule: ProfileRule): SeccompRule {
  return {
    names: [...(rule.name ? [rule.name] : []), ...(rule.names ?? [])],
    action: rule.action,
    ...(typeof rule.errnoRet === 'number' && { errnoRet: rule.errnoRet }),
    ...(rule.args?.length && { args: rule.args }),
  };
}
