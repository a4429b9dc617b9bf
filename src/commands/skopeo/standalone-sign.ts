import { writeFileSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { digestOf } from '../../registry/manifest.ts';
import { defineSkopeo } from './command.ts';
import { readInput } from './read-input.ts';

export default defineSkopeo({
  usage: 'standalone-sign [command options] MANIFEST DOCKER-REFERENCE KEY-FINGERPRINT --output|-o SIGNATURE',
  describe: 'Create a signature using local files',
  flags: {
    output: { type: 'string', alias: 'o', valueName: 'SIGNATURE', describe: 'File to write the signature to' },
    'passphrase-file': { type: 'string', describe: 'File with the passphrase of the key' },
  },
  operands: { min: 3, max: 3 },
  async handler({ operands: [path = '', reference = '', key = ''], output, passphraseFile }, context) {
    if (!output) {
      throw new TspodError(
        'BAD_ARGUMENT',
        'Usage: skopeo standalone-sign manifest docker-reference key-fingerprint -o signature',
      );
    }
    const manifest = readInput('manifest', path);
    const { passphraseIn } = await import('../signing-flags.ts');
    const { simpleSigner } = await import('../../image/signature/signer.ts');
    const { signatureBytes } = await import('../../image/signature/signature.ts');
    const passphrase = passphraseFile ? passphraseIn(passphraseFile) : undefined;
    const signature = await simpleSigner({ key, passphrase }).sign(digestOf(manifest), reference);
    if (output === '/dev/stdout') context.stdout(signatureBytes(signature));
    else writeFileSync(output, signatureBytes(signature), { mode: 0o644 });
  },
});
