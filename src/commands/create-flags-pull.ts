import { defineFlags } from '../cli/command.ts';

/** Which image, and how it is fetched. */
export const imageFlags = defineFlags({
  arch: { type: 'string', aliases: ['override-arch'], describe: 'Choose images of this architecture' },
  authfile: { type: 'string', describe: 'File with the credentials of registries', complete: 'files' },
  'cert-dir': { type: 'string', describe: 'Folder with TLS certificates and keys', complete: 'files' },
  creds: { type: 'string', describe: 'Credentials for the registry (USER:PASSWORD)' },
  'decryption-key': {
    type: 'list',
    describe: 'Key that decrypts the image',
    unsupported: 'encrypted images are not supported',
  },
  'disable-content-trust': { type: 'boolean', describe: 'Does nothing; for the sake of Docker' },
  os: { type: 'string', aliases: ['override-os'], describe: 'Choose images of this operating system' },
  platform: { type: 'string', describe: 'Choose images of this platform (OS/ARCH[/VARIANT])' },
  pull: { type: 'string', describe: 'When to pull: always, missing, never, newer' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Do not show the progress of pulling' },
  retry: {
    type: 'number',
    valueName: 'uint',
    describe: 'Further tries after a failure when performing pull',
    default: 3,
    conf: 'retry',
  },
  'retry-delay': { type: 'string', describe: 'Time between tries after pull failures', conf: 'retryDelay' },
  rootfs: { type: 'boolean', describe: 'The first operand is a folder with a root file system, not an image' },
  'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
  'tls-verify': { type: 'boolean', default: true, describe: 'Require HTTPS with a valid certificate' },
  variant: {
    type: 'string',
    aliases: ['override-variant'],
    describe: 'Choose images of this variant of the architecture',
  },
});
