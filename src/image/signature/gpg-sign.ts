/** Making OpenPGP messages with the user's own keys. */
import { TspodError } from '../../errors.ts';
import { GpgFolder, gpgWords } from './gpg.ts';
import { isFingerprint } from './gpg-status.ts';

export interface GpgSigner {
  /** As gpg understands it: a fingerprint, an id, an e-mail address. It must mean one key. */
  key: string;
  /** Without it, gpg's agent asks for one where it needs one. */
  passphrase?: string | undefined;
}

/**
 * A signed message that holds the text.
 *
 * @throws TspodError MISSING_PROGRAM, BAD_ARGUMENT for a key that is not there or not the only one, SYSTEM
 */
export async function gpgSign(content: Uint8Array, { key, passphrase }: GpgSigner): Promise<Buffer> {
  if (passphrase?.includes('\n')) throw bad('invalid passphrase: must not contain a line break');
  const folder = new GpgFolder();
  const { GNUPGHOME, GPG_TTY, TERM, DISPLAY } = process.env;
  const env = { GNUPGHOME, GPG_TTY, TERM, DISPLAY };
  try {
    const listed = await folder.run({ env, args: () => ['--with-colons', '--list-secret-keys', '--', key] });
    const fingerprint = onlyKey(listed.stdout, key);
    const loopback = passphrase === undefined ? [] : ['--pinentry-mode', 'loopback', '--passphrase-fd', '0'];
    const signed = await folder.run({
      env,
      files: { content },
      ...(passphrase === undefined ? {} : { input: `${passphrase}\n` }),
      args: (at) => [...loopback, '--local-user', fingerprint, '--output', at('signed'), '--sign', '--', at('content')],
    });
    if (signed.status === 0) return folder.read('signed');
    throw new TspodError('SYSTEM', `creating signature: ${gpgWords(signed)}`);
  } finally {
    folder.close();
  }
}

/** The fingerprint of the one primary key that a name means (GnuPG's doc/DETAILS, "Format of the colon listings"). */
function onlyKey(listing: string, key: string): string {
  const lines = listing.split('\n').map((line) => line.split(':'));
  const found = lines.flatMap(([type], index) => {
    const fingerprint = lines.slice(index).find(([next]) => next === 'fpr')?.[9] ?? '';
    return type === 'sec' && isFingerprint(fingerprint) ? [fingerprint] : [];
  });
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const reason = only === undefined ? 'no secret key' : `${found.length} secret keys`;
  throw bad(`creating signature: ${reason} in GnuPG for ${JSON.stringify(key)}`);
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
