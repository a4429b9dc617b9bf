/** Platforms: the one of this machine, and the entry of an index that fits one. */
import { TspodError } from '../errors.ts';
import type { Descriptor, Index, Platform } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';

const architectures: Record<string, string> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  arm: 'arm',
  ppc64: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
  mips64el: 'mips64le',
};

/** What the kernel's and Docker's users call an architecture, to the name that OCI has for it. */
const aliases: Record<string, [architecture: string, variant?: string]> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  i386: ['386'],
  i686: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  armv7l: ['arm', 'v7'],
  armv6l: ['arm', 'v6'],
};

/** The platform that this process runs on. */
export function hostPlatform(): Platform {
  return { os: 'linux', architecture: architectures[process.arch] ?? process.arch };
}

/** Parses `os/arch[/variant]`, `arch` or `os/arch`; missing parts are those of this machine. */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant, ...rest] = text.split('/');
  if (rest.length > 0 || os === '') {
    throw new TspodError('BAD_ARGUMENT', `invalid platform syntax for "${text}" (use OS/ARCH[/VARIANT][,...])`);
  }
  return normalize({ os, architecture: architecture || hostPlatform().architecture, ...(variant ? { variant } : {}) });
}

/** Applies OCI's names to an architecture. */
export function normalize(platform: Platform): Platform {
  const [architecture, variant] = aliases[platform.architecture.toLowerCase()] ?? [platform.architecture];
  const chosen = platform.variant ?? variant;
  return { ...platform, architecture, ...(chosen ? { variant: chosen } : {}) };
}

/**
 * The entry of an index for a platform; the best variant when several fit.
 *
 * @param mediaType of the index: Docker's is called a manifest list in messages
 * @throws TspodError NOT_FOUND in Podman's words
 */
export function chooseInstance(index: Index, wanted: Platform, mediaType: string = mediaTypes.ociIndex): Descriptor {
  const fitting = index.manifests.filter((entry) => fits(entry.platform, wanted));
  const variants = acceptable(wanted);
  const ranked = fitting
    .map((entry) => ({ entry, rank: variants.indexOf(entry.platform?.variant ?? '') }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank);
  const best = ranked[0]?.entry;
  if (best) return best;
  const variant = wanted.variant ?? '';
  const what = mediaType === mediaTypes.dockerList ? 'manifest list' : 'image index';
  throw new TspodError(
    'NOT_FOUND',
    `choosing image from manifest list: no image found in ${what} for architecture "${wanted.architecture}", variant "${variant}", OS "${wanted.os}"`,
  );
}

function fits(platform: Platform | undefined, wanted: Platform): boolean {
  return platform?.architecture === wanted.architecture && platform.os === wanted.os;
}

/** Variants that run on a machine of the wanted one, best first. */
function acceptable({ architecture, variant }: Platform): string[] {
  if (architecture === 'arm') {
    const level = Number(/^v?(\d)/.exec(variant ?? 'v7')?.[1] ?? 7);
    const levels = [8, 7, 6, 5].filter((candidate) => candidate <= level).map((candidate) => `v${candidate}`);
    return [...levels, ''];
  }
  if (architecture === 'arm64') return variant && variant !== 'v8' ? [variant, 'v8', ''] : ['v8', ''];
  return variant ? [variant, ''] : ['', 'v1'];
}
