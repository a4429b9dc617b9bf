import { defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { setTrust, trustFile } from '../image/trust.ts';

const types = ['accept', 'insecureAcceptAnything', 'reject', 'signedBy', 'sigstoreSigned'];

const flags = defineFlags({
  policypath: { type: 'string', hidden: true, describe: 'The policy.json to change', complete: 'files' },
  pubkeysfile: {
    type: 'list',
    alias: 'f',
    describe: 'File with public keys to trust; one key of each file has to have signed',
    complete: 'files',
  },
  type: {
    type: 'string',
    alias: 't',
    default: 'signedBy',
    describe: 'Trust type: signedBy, sigstoreSigned, accept or reject',
    complete: 'none',
  },
});

export default defineCommand({
  usage: 'set [options] REGISTRY',
  describe: 'Set default trust policy or a new trust policy for a registry',
  long: 'Sets what policy.json asks of images: of all ("default"), of a registry, or of a part of one.',
  flags,
  operands: { min: 1, max: 1 },
  examples: ['image trust set --type reject default', 'image trust set --pubkeysfile /etc/pki/mine.gpg quay.io/mine'],
  engineless: true,
  handler({ operands: [scope = ''], type, pubkeysfile, policypath }, _context) {
    const host = scope.split('/')[0] ?? '';
    if (!/^[a-zA-Z0-9\-_.]+(:[0-9]*)?$/.test(host) || /[\s?#]/.test(scope)) {
      throw new TspodError('BAD_ARGUMENT', `invalid image uri: ${scope}`);
    }
    if (!types.includes(type)) {
      throw new TspodError(
        'BAD_ARGUMENT',
        `invalid choice: ${type} (choose from 'accept', 'reject', 'signedBy', 'sigstoreSigned')`,
      );
    }
    setTrust(policypath || trustFile(), { scope, type, keys: pubkeysfile ?? [] });
  },
});
