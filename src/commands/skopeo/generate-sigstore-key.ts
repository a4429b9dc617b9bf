import { existsSync, writeFileSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { promptLine } from '../prompt.ts';
import { passphraseIn } from '../signing-flags.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'generate-sigstore-key [command options] --output-prefix PREFIX',
  describe: 'Generate a sigstore public/private key pair',
  flags: {
    'output-prefix': { type: 'string', valueName: 'PREFIX', describe: 'Write to PREFIX.pub and PREFIX.private' },
    'passphrase-file': { type: 'string', describe: 'File with the passphrase of the private key' },
  },
  operands: { min: 0, max: 0 },
  example: 'generate-sigstore-key --output-prefix my-key',
  async handler({ outputPrefix: prefix, passphraseFile }, context) {
    if (!prefix) throw new TspodError('BAD_ARGUMENT', 'Usage: generate-sigstore-key --output-prefix PREFIX');
    const [publicFile, privateFile] = [`${prefix}.pub`, `${prefix}.private`];
    for (const path of [privateFile, publicFile]) {
      if (existsSync(path)) throw new TspodError('BAD_ARGUMENT', `Refusing to overwrite existing ${path}`);
    }
    const passphrase = passphraseFile ? passphraseIn(passphraseFile) : asked(context);
    const { newCosignKeyPair } = await import('../../image/signature/cosign-key-pair.ts');
    const { privateKey, publicKey } = await newCosignKeyPair(passphrase);
    writeFileSync(privateFile, privateKey, { mode: 0o600, flag: 'wx' });
    writeFileSync(publicFile, publicKey, { mode: 0o644, flag: 'wx' });
    context.stdout(`Key written to "${privateFile}" and "${publicFile}"\n`);
  },
});

function asked(context: Parameters<typeof promptLine>[0]): string {
  const passphrase = promptLine(context, 'Passphrase for the new key: ', { hidden: true });
  if (promptLine(context, 'Confirm the passphrase: ', { hidden: true }) === passphrase) return passphrase;
  throw new TspodError('BAD_ARGUMENT', 'the passphrases do not match');
}
