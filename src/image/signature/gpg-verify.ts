/** Verifying OpenPGP messages against a few public keys, in a gpg home that exists for that alone. */
import { TspodError } from '../../errors.ts';
import { GpgFolder, gpgWords } from './gpg.ts';
import { importedKeys, signerIn } from './gpg-status.ts';
import { signatureLimit } from './signature.ts';

export interface VerifiedMessage {
  /** What was signed. */
  content: Buffer;
  /** The fingerprint of the trusted key. */
  fingerprint: string;
}

/** Nothing is looked up elsewhere, no agent or key server started, no rule of the user's own gpg applies. */
const alone = ['--no-autostart', '--no-auto-key-retrieve', '--disable-dirmngr', '--trust-model', 'always'];

/** A set of trusted public keys. Close it. */
export class GpgKeyring {
  readonly #folder: GpgFolder;
  /** Undefined: the user's own. */
  readonly #home: string | undefined;
  /** Fingerprints of the keys that are trusted. */
  readonly fingerprints: ReadonlySet<string>;

  private constructor(folder: GpgFolder, home: string | undefined, fingerprints: ReadonlySet<string>) {
    this.#folder = folder;
    this.#home = home;
    this.fingerprints = fingerprints;
  }

  /** The user's own keys, of which only some are trusted here. */
  static ofUser(fingerprints: ReadonlySet<string>): GpgKeyring {
    return new GpgKeyring(new GpgFolder(), undefined, fingerprints);
  }

  /** @param keys files of public keys, binary or armored. @throws TspodError MISSING_PROGRAM, BAD_CONFIG */
  static async open(keys: readonly Uint8Array[]): Promise<GpgKeyring> {
    const folder = new GpgFolder();
    const fingerprints = new Set<string>();
    try {
      for (const key of keys) {
        const result = await folder.run({
          files: { key },
          args: (at) => ['--homedir', folder.path, ...alone, '--import', '--', at('key')],
        });
        for (const fingerprint of importedKeys(result.lines)) fingerprints.add(fingerprint);
      }
      return new GpgKeyring(folder, folder.path, fingerprints);
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** @throws TspodError POLICY for anything but exactly one good signature by one of the keys */
  async verify(message: Uint8Array): Promise<VerifiedMessage> {
    const folder = this.#folder;
    const limit = String(signatureLimit);
    const home = this.#home === undefined ? [] : ['--homedir', this.#home];
    const result = await folder.run({
      files: { message, content: new Uint8Array() },
      env: { GNUPGHOME: this.#home ?? process.env['GNUPGHOME'] },
      args: (at) => [
        ...[...home, ...alone, '--max-output', limit],
        ...['--output', at('content'), '--verify', '--', at('message')],
      ],
    });
    const { key, primary } = signerIn(result.lines);
    if (result.status !== 0) throw new TspodError('POLICY', `Invalid GPG signature: ${gpgWords(result)}`);
    const trusted = [key, primary].find((fingerprint) => this.fingerprints.has(fingerprint));
    if (trusted === undefined) {
      throw new TspodError('POLICY', `signature by key ${key} of ${primary} is not accepted`);
    }
    return { content: folder.read('content'), fingerprint: trusted };
  }

  close(): void {
    this.#folder.close();
  }
}
