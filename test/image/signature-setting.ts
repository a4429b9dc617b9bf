/** Keys, signatures and policies for the tests of signatures. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must } from '../helpers/exec.ts';

export interface GpgHome {
  /** GNUPGHOME. */
  home: string;
  env: Record<string, string>;
  /** Makes a key without a passphrase; returns its fingerprint. */
  newKey(user: string, expire?: string): Promise<string>;
  /** Writes the public key of a user to a file; returns its path. */
  publicKey(user: string): Promise<string>;
  sign(user: string, content: string | Buffer, ...options: string[]): Promise<Buffer>;
  cleanup(): Promise<void>;
}

/** A GnuPG home of its own, with an agent of its own. */
export function gpgHome(): GpgHome {
  const home = mkdtempSync(join(tmpdir(), 'tspod-gnupg-'));
  const env = { GNUPGHOME: home };
  let files = 0;
  const gpg = (...args: string[]) => must('gpg', ['--batch', '--no-tty', '--yes', ...args], { env });
  return {
    home,
    env,
    async newKey(user, expire = 'never') {
      await gpg('--passphrase', '', '--quick-gen-key', user, 'ed25519', 'sign', expire);
      const listed = await gpg('--with-colons', '--list-keys', user);
      return /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '';
    },
    async publicKey(user) {
      const path = join(home, `public-${user.replace(/\W/g, '')}.gpg`);
      await gpg('--output', path, '--export', user);
      return path;
    },
    async sign(user, content, ...options) {
      files += 1;
      const [from, to] = [join(home, `text-${files}`), join(home, `signed-${files}`)];
      writeFileSync(from, content);
      await gpg('--local-user', user, ...options, '--output', to, '--sign', from);
      return readFileSync(to);
    },
    async cleanup() {
      await must('gpgconf', ['--kill', 'all'], { env });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The text of a simple signature. */
export function payload(digest: string, reference: string, changes: object = {}): string {
  const critical = {
    type: 'atomic container signature',
    image: { 'docker-manifest-digest': digest },
    identity: { 'docker-reference': reference },
  };
  return JSON.stringify({ critical, optional: { creator: 'test', timestamp: 1_700_000_000 }, ...changes });
}

/** Puts signatures where a lookaside server would have them. */
export function putLookaside(folder: string, repository: string, digest: string, signatures: Uint8Array[]): void {
  const place = join(folder, `${repository}@${digest.replace(':', '=')}`);
  mkdirSync(place, { recursive: true });
  for (const [index, bytes] of signatures.entries()) writeFileSync(join(place, `signature-${index + 1}`), bytes);
}
