import { expect, it } from 'vitest';
import { parseChallenge } from '../../src/registry/challenge.ts';

it('reads a bearer challenge', () => {
  const header = 'Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push"';
  expect(parseChallenge(header)).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.example/token',
    service: 'registry',
    scope: 'repository:a/b:pull,push',
  });
});

it('prefers bearer to basic', () => {
  expect(parseChallenge(['Basic realm="x"', 'Bearer realm="https://y/"'])?.scheme).toBe('bearer');
});

it('knows no other scheme', () => {
  expect(parseChallenge('Negotiate')).toBeNull();
  expect(parseChallenge(undefined)).toBeNull();
});
