/** Flags of what signs images, and what they mean for the image layer. */
import { readFileSync } from 'node:fs';
import { type Context, defineFlags } from '../cli/command.ts';
import { messageOf, TspodError } from '../errors.ts';
import type { Signer } from '../image/signature/signer.ts';
import { promptLine } from './prompt.ts';

export const signingFlags = defineFlags({
  'sign-by': { type: 'string', describe: 'Add a signature made with this key of GnuPG', complete: 'none' },
  'sign-by-sigstore': {
    type: 'string',
    describe: 'Sign as this file of parameters says',
    unsupported: 'not supported: use --sign-by-sigstore-private-key',
  },
  'sign-by-sigstore-private-key': {
    type: 'string',
    describe: 'Attach a signature made with this private key of cosign',
    complete: 'files',
  },
  'sign-by-sq-fingerprint': {
    type: 'string',
    describe: 'Sign with a key of Sequoia',
    unsupported: 'not supported: use --sign-by with GnuPG',
  },
  'sign-passphrase-file': { type: 'string', describe: 'File with the passphrase of the key', complete: 'files' },
});

export interface SigningArgs {
  signBy?: string | undefined;
  signBySigstorePrivateKey?: string | undefined;
  signPassphraseFile?: string | undefined;
}

/** @throws TspodError BAD_ARGUMENT */
export async function signersOf(args: SigningArgs, context: Context): Promise<Signer[]> {
  const { signBy, signBySigstorePrivateKey: keyFile, signPassphraseFile: file } = args;
  if (!signBy && !keyFile) return [];
  if (signBy && keyFile && file) {
    throw new TspodError(
      'BAD_ARGUMENT',
      'only one of --sign-by, --sign-by-sq-fingerprint and --sign-by-sigstore-private-key can be used with ' +
        '--sign-passphrase-file',
    );
  }
  const { simpleSigner, sigstoreSigner } = await import('../image/signature/signer.ts');
  const given = file ? passphraseIn(file) : undefined;
  const signers: Signer[] = [];
  if (signBy) signers.push(simpleSigner({ key: signBy, passphrase: given }));
  if (keyFile) {
    const passphrase = given ?? promptLine(context, 'Key Passphrase: ', { hidden: true });
    signers.push(await sigstoreSigner(keyFile, passphrase));
  }
  return signers;
}

/** The first line of a file. @throws TspodError BAD_ARGUMENT */
export function passphraseIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? '';
  } catch (error) {
    throw new TspodError('BAD_ARGUMENT', `reading passphrase: ${messageOf(error)}`, { cause: error });
  }
}
