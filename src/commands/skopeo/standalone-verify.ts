import { verifyStandalone } from '../../image/signature/standalone.ts';
import { defineSkopeo } from './command.ts';
import { readInput } from './read-input.ts';

export default defineSkopeo({
  usage: 'standalone-verify MANIFEST DOCKER-REFERENCE KEY-FINGERPRINTS SIGNATURE',
  describe: 'Verify a signature using local files',
  long: `KEY-FINGERPRINTS can be a comma separated list of fingerprints, or "any" if you trust all the keys in the public key file.`,
  flags: {
    'public-key-file': { type: 'string', describe: 'File with public keys (default: the keys of GPG)' },
  },
  operands: { min: 4, max: 4 },
  async handler({ operands: [path = '', reference = '', keys = '', file = ''], publicKeyFile }, context) {
    const { fingerprint, digest } = await verifyStandalone({
      manifest: readInput('manifest', path),
      signature: readInput('signature', file),
      reference,
      fingerprints: keys === 'any' ? 'any' : keys.split(','),
      publicKeys: publicKeyFile ? [readInput('public keys', publicKeyFile)] : undefined,
    });
    context.stdout(`Signature verified using fingerprint ${fingerprint}, digest ${digest}\n`);
  },
});
