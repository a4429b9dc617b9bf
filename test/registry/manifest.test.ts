import { describe, expect, it } from 'vitest';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { parseManifest } from '../../src/registry/manifest.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const blob = { mediaType: mediaTypes.ociLayerGzip, digest, size: 1 };
const good = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: blob, layers: [blob] };

function parse(value: unknown, type?: string) {
  return parseManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), type);
}

it('reads manifests and indexes of OCI and Docker', () => {
  expect(parse(good).kind).toBe('manifest');
  expect(parse({ ...good, mediaType: undefined }, mediaTypes.dockerManifest).mediaType).toBe(mediaTypes.dockerManifest);
  expect(parse({ schemaVersion: 2, manifests: [blob] }).kind).toBe('index');
});

describe('refuses what two readers could understand differently', () => {
  it.each([
    ['layers and manifests at once', { ...good, manifests: [blob] }, undefined, 'both a manifest and an index'],
    ['another type than it was sent as', good, mediaTypes.dockerManifest, 'it was sent as'],
    ['a key twice', `{"schemaVersion":2,"config":{},"layers":[],"layers":[]}`, undefined, 'occurs more than once'],
    ['a key twice in another case', `{"schemaVersion":2,"layers":[],"Layers":[]}`, undefined, 'occurs more than once'],
    ['a key twice, once escaped', `{"layers":[],"l\\u0061yers":[]}`, undefined, 'occurs more than once'],
    ['no JSON', 'hello', undefined, 'invalid manifest'],
    ['a list', '[]', undefined, 'no JSON object'],
    [
      'a digest that is a path',
      { ...good, config: { ...blob, digest: 'sha256:../../x' } },
      undefined,
      'invalid digest',
    ],
    [
      'an upper-case digest',
      { ...good, config: { ...blob, digest: `sha256:${'A'.repeat(64)}` } },
      undefined,
      'invalid digest',
    ],
    ['sha1', { ...good, layers: [{ ...blob, digest: `sha1:${'0'.repeat(40)}` }] }, undefined, 'invalid digest'],
    ['no digest', { ...good, layers: [{ ...blob, digest: '' }] }, undefined, 'invalid digest'],
    ['a negative size', { ...good, layers: [{ ...blob, size: -1 }] }, undefined, 'invalid size'],
    ['a size that is text', { ...good, layers: [{ ...blob, size: '1' }] }, undefined, 'invalid size'],
    ['600 layers', { ...good, layers: Array(600).fill(blob) }, undefined, 'it has 600 layers: at most 500'],
    ['schema 1', { schemaVersion: 1 }, undefined, 'schema 1'],
    ['an unknown type', { ...good, mediaType: 'text/html' }, undefined, 'unsupported manifest type'],
  ])('%s', (_title, value, type, words) => {
    expect(() => parse(value, type)).toThrow(words);
  });
});

it('lets annotations differ in case only', () => {
  expect(parse({ ...good, annotations: { a: '1', A: '2' } }).kind).toBe('manifest');
});

it('bears JSON that is nested deeply', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(() => parse(`{"schemaVersion":2,"config":${deep},"layers":[]}`)).toThrow('invalid');
});
