/** The lines that gpg writes for programs (GnuPG's doc/DETAILS, "Format of the --status-fd output"). */
import { TspodError } from '../../errors.ts';

export interface GpgStatus {
  keyword: string;
  args: string[];
}

/** What may stand beside one good signature. Whatever else gpg says makes the signature a bad one. */
const harmless = new Set([
  'NEWSIG',
  'KEY_CONSIDERED',
  'SIG_ID',
  'GOODSIG',
  'VALIDSIG',
  'TRUST_UNDEFINED',
  'TRUST_MARGINAL',
  'TRUST_FULLY',
  'TRUST_ULTIMATE',
  'PLAINTEXT',
  'PLAINTEXT_LENGTH',
  'NOTATION_NAME',
  'NOTATION_FLAGS',
  'NOTATION_DATA',
  'POLICY_URL',
  'VERIFICATION_COMPLIANCE_MODE',
  // Said of any key of a key ring; one that made the signature is told by EXPKEYSIG instead of GOODSIG.
  'KEYEXPIRED',
]);

const once = ['NEWSIG', 'GOODSIG', 'VALIDSIG', 'PLAINTEXT'];

export function parseStatus(text: string): GpgStatus[] {
  const lines = text.split('\n').filter((line) => line.startsWith('[GNUPG:] '));
  return lines.map((line) => {
    const [keyword = '', ...args] = line.slice('[GNUPG:] '.length).split(' ');
    return { keyword, args };
  });
}

/**
 * The key that made the only signature.
 *
 * @returns fingerprints of the key itself and of its primary key, 40 or 64 hex digits
 * @throws TspodError POLICY for anything but exactly one good signature around exactly one text
 */
export function signerIn(lines: GpgStatus[]): { key: string; primary: string } {
  const strange = lines.find(({ keyword }) => !harmless.has(keyword));
  if (strange) throw invalid(describe(strange));
  const missing = once.find((keyword) => lines.filter((line) => line.keyword === keyword).length !== 1);
  if (missing) {
    const count = lines.filter(({ keyword }) => keyword === missing).length;
    throw invalid(`${count} times ${missing}`);
  }
  const [key = '', , , , , , , , signatureClass = '', primary = key] = argsOf(lines, 'VALIDSIG');
  // Of a text or of data: a certification or a timestamp is no signature of an image.
  if (signatureClass !== '00' && signatureClass !== '01') throw invalid(`signature class ${signatureClass}`);
  if (!isFingerprint(key) || !isFingerprint(primary)) throw invalid('no fingerprint');
  return { key, primary };
}

/** The fingerprints that an import brought in. */
export function importedKeys(lines: GpgStatus[]): string[] {
  const ok = lines.filter(({ keyword }) => keyword === 'IMPORT_OK');
  return [...new Set(ok.map(({ args }) => args[1] ?? '').filter(isFingerprint))];
}

/** OpenPGP version 4 and 5. */
export function isFingerprint(text: string): boolean {
  return /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(text);
}

function argsOf(lines: GpgStatus[], keyword: string): string[] {
  return lines.find((line) => line.keyword === keyword)?.args ?? [];
}

const words: Record<string, string> = {
  BADSIG: 'the signature is bad',
  EXPSIG: 'the signature has expired',
  EXPKEYSIG: 'its key has expired',
  REVKEYSIG: 'its key was revoked',
  NO_PUBKEY: 'its key is not one of those that the policy names',
  ERRSIG: 'it cannot be checked: its key is not one of those that the policy names, or its algorithm is unknown',
  NODATA: 'it is no OpenPGP signature',
};

function describe({ keyword, args }: GpgStatus): string {
  const key = keyword.endsWith('SIG') || keyword === 'NO_PUBKEY' ? (args[0] ?? '').replace(/[^0-9A-F]/g, '') : '';
  return `${words[keyword] ?? keyword}${key ? ` (key ${key})` : ''}`;
}

function invalid(reason: string): TspodError {
  return new TspodError('POLICY', `Invalid GPG signature: ${reason}`);
}
