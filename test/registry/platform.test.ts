import { describe, expect, it } from 'vitest';
import type { Index, Platform } from '../../src/oci/image-spec.ts';
import { chooseInstance, normalize, parsePlatform } from '../../src/registry/platform.ts';

function indexOf(...platforms: Platform[]): Index {
  const manifests = platforms.map((platform, number) => ({
    mediaType: '',
    digest: `sha256:${String(number).padStart(64, '0')}` as const,
    size: 1,
    platform,
  }));
  return { schemaVersion: 2, manifests };
}

describe('an index', () => {
  const index = indexOf(
    { os: 'linux', architecture: 'arm', variant: 'v6' },
    { os: 'linux', architecture: 'arm', variant: 'v7' },
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64', variant: 'v8' },
    { os: 'windows', architecture: 'amd64' },
  );

  it.each([
    [{ os: 'linux', architecture: 'amd64' }, 2],
    [{ os: 'linux', architecture: 'arm64' }, 3],
    [{ os: 'linux', architecture: 'arm' }, 1],
    [{ os: 'linux', architecture: 'arm', variant: 'v6' }, 0],
    [{ os: 'windows', architecture: 'amd64' }, 4],
  ])('gives the entry for %j', (platform, number) => {
    expect(chooseInstance(index, platform)).toBe(index.manifests[number]);
  });

  it('says what is missing', () => {
    expect(() => chooseInstance(index, { os: 'linux', architecture: 's390x' })).toThrow(
      'no image found in image index for architecture "s390x", variant "", OS "linux"',
    );
  });

  it('does not run newer variants on an older machine', () => {
    expect(() => chooseInstance(index, { os: 'linux', architecture: 'arm', variant: 'v5' })).toThrow('no image found');
  });
});

it("takes the kernel's names of architectures", () => {
  expect(normalize({ os: 'linux', architecture: 'x86_64' }).architecture).toBe('amd64');
  expect(normalize({ os: 'linux', architecture: 'armhf' })).toEqual({
    os: 'linux',
    architecture: 'arm',
    variant: 'v7',
  });
});

it('parses platforms', () => {
  expect(parsePlatform('linux/arm64/v8')).toEqual({ os: 'linux', architecture: 'arm64', variant: 'v8' });
  expect(() => parsePlatform('a/b/c/d')).toThrow('invalid platform syntax');
});
