import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { registryScopes } from '../../src/config/policy-scopes.ts';
import { signatureStorage } from '../../src/config/registries-d.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-registries-d-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const scopes = registryScopes({ domain: 'a.example', path: 'x/y', tag: '1', digest: '' });

function storage(...files: string[]) {
  for (const [index, text] of files.entries()) writeFileSync(join(folder, `${index}.yaml`), text);
  return signatureStorage(scopes, folder);
}

it('every setting comes from the most specific scope that has it', async () => {
  const docker = `docker:
  a.example:
    lookaside: https://a.example/host
    use-sigstore-attachments: true
  a.example/x:
    lookaside-staging: file:///staging
  "*.example":
    sigstore: file:///never
`;
  expect(await storage(docker, 'default-docker:\n  lookaside: file:///default\n')).toEqual({
    read: 'https://a.example/host',
    write: 'file:///staging',
    attachments: true,
  });
});

it('without an entry it is a folder of the system, or of the user who called', async () => {
  vi.stubEnv('HOME', '/home/me');
  vi.stubEnv('_CONTAINERS_ROOTLESS_UID', '0');
  expect((await storage('# nothing\n')).read).toBe('file:///var/lib/containers/sigstore');
  vi.stubEnv('_CONTAINERS_ROOTLESS_UID', '1000');
  const user = { read: 'file:///home/me/.local/share/containers/sigstore', attachments: false };
  expect(await storage()).toMatchObject(user);
});

it('one namespace in two files is an error that names both', async () => {
  const entry = 'docker:\n  a.example: {lookaside: file:///a}\n';
  await expect(storage(entry, entry)).rejects.toThrow(
    `"docker" namespace "a.example" defined both in "${folder}/0.yaml" and "${folder}/1.yaml"`,
  );
});
