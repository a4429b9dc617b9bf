import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { loadRegistriesConf } from '../../src/config/registries-conf.ts';
import { endpointsFor } from '../../src/registry/endpoint.ts';
import { formatReference, parseDocker, withDefaultTag } from '../../src/registry/reference.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function conf(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-conf-'));
  folders.push(folder);
  writeFileSync(join(folder, 'registries.conf'), text);
  return loadRegistriesConf(join(folder, 'registries.conf'));
}

function places(text: string, name: string): string[] {
  const endpoints = endpointsFor(conf(text), withDefaultTag(parseDocker(name)));
  return endpoints.map(({ reference, insecure }) => formatReference(reference) + (insecure ? ' insecure' : ''));
}

const mirrored = `
[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "127.0.0.1:5000/hub"
insecure = true
[[registry.mirror]]
location = "only.example"
pull-from-mirror = "digest-only"
[[registry]]
prefix = "docker.io/special"
location = "special.example/x"
[[registry]]
location = "bad.example"
blocked = true
[[registry]]
prefix = "*.wild.example"
location = "tame.example"
`;

const digest = `sha256:${'1'.repeat(64)}`;

it.each([
  ['nginx', ['127.0.0.1:5000/hub/library/nginx:latest insecure', 'docker.io/library/nginx:latest']],
  [
    `nginx@${digest}`,
    [
      `127.0.0.1:5000/hub/library/nginx@${digest} insecure`,
      `only.example/library/nginx@${digest}`,
      `docker.io/library/nginx@${digest}`,
    ],
  ],
  ['a.wild.example/x:1', ['tame.example/x:1']],
  ['a.b.wild.example:5000/x:1', ['tame.example:5000/x:1']],
  ['wild.example/x:1', ['wild.example/x:1']],
  ['other.example/a.wild.example/x:1', ['other.example/a.wild.example/x:1']],
  ['special/a:1', ['special.example/x/a:1']],
  ['specials/a:1', ['127.0.0.1:5000/hub/specials/a:1 insecure', 'docker.io/specials/a:1']],
  ['a.wild.example/b', ['tame.example/b:latest']],
  ['quay.io/a', ['quay.io/a:latest']],
])('%s is looked for at %j', (name, expected) => {
  expect(places(mirrored, name)).toEqual(expected);
});

it('refuses a blocked registry by name', () => {
  expect(() => places(mirrored, 'bad.example/a')).toThrow('registry bad.example is blocked');
});
