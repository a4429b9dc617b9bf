/** Flags of the commands that copy and look at images where they are; skopeo's commands have the same. */
import { defineFlags, type Flags } from '../../cli/command.ts';
import { signingFlags } from '../signing-flags.ts';

const noEncryption = 'encrypted images are not supported';

const remote = defineFlags({
  'cert-dir': {
    type: 'string',
    valueName: 'PATH',
    describe: 'Folder with TLS certificates and keys',
    complete: 'files',
  },
  creds: {
    type: 'string',
    valueName: 'USERNAME[:PASSWORD]',
    describe: 'Credentials for the registry',
    complete: 'none',
  },
  'no-creds': { type: 'boolean', describe: 'Go to the registry without credentials' },
  password: { type: 'string', describe: 'Password for the registry', complete: 'none' },
  'registry-token': { type: 'string', describe: 'Bearer token for the registry', complete: 'none' },
  'tls-verify': { type: 'boolean', describe: 'Require HTTPS with a valid certificate' },
  username: { type: 'string', describe: 'User name for the registry', complete: 'none' },
});

const layout = defineFlags({
  'daemon-host': {
    type: 'string',
    valueName: 'HOST',
    describe: 'Docker daemon to talk to',
    unsupported: 'there is no transport docker-daemon',
  },
  'shared-blob-dir': {
    type: 'string',
    valueName: 'DIRECTORY',
    describe: 'Folder with the blobs that several OCI layouts share',
    complete: 'files',
  },
});

const authFile = defineFlags({
  authfile: { type: 'string', describe: 'File with the credentials of registries', complete: 'files' },
});

const target = defineFlags({
  compress: { type: 'boolean', describe: "Compress layers that are not, in a 'dir'" },
  'compress-format': {
    type: 'string',
    valueName: 'FORMAT',
    describe: 'How layers are compressed: gzip or zstd',
    complete: 'none',
  },
  'compress-level': { type: 'number', valueName: 'LEVEL', describe: 'Level of the compression' },
  decompress: { type: 'boolean', describe: "Write plain layers into a 'dir'" },
  'force-compress-format': { type: 'boolean', describe: 'Use no blobs of the target that are compressed otherwise' },
  'oci-accept-uncompressed-layers': { type: 'boolean', describe: "Leave plain layers as they are in an 'oci' layout" },
  'precompute-digests': { type: 'boolean', describe: 'Compute digests before anything is sent: always done' },
});

const retry = defineFlags({
  'retry-delay': { type: 'string', valueName: 'duration', describe: 'Time between tries; default: longer every time' },
  'retry-times': { type: 'number', valueName: 'int', describe: 'Further tries after a failure' },
});

const shared = defineFlags({
  ...authFile,
  ...retry,
  ...signingFlags,
  'remove-signatures': { type: 'boolean', describe: 'Do not copy signatures' },
  all: { type: 'boolean', alias: 'a', describe: 'Copy all images of an image index' },
  digestfile: { type: 'string', describe: 'File to write digests of what was written to', complete: 'files' },
  format: {
    type: 'string',
    alias: 'f',
    describe: 'Type of the manifest: oci or v2s2; default: that of the source where the target takes it',
    complete: 'none',
  },
  'preserve-digests': { type: 'boolean', describe: 'Fail where a digest would change' },
  'tls-verify': { type: 'boolean', hidden: true, describe: 'Require HTTPS with a valid certificate at both ends' },
});

/** Of commands that look at one image. */
export const placeFlags = defineFlags({ ...authFile, ...remote, ...layout, ...retry });

/** Of commands that look at one registry. */
export const remoteFlags = defineFlags({ ...authFile, ...remote, ...retry });

export const copyFlags = defineFlags({
  ...shared,
  ...prefixed('src-', { ...authFile, ...remote, ...layout }),
  ...prefixed('dest-', { ...authFile, ...remote, ...layout, ...target }),
  'additional-tag': { type: 'csv', describe: 'Further names in a docker-archive', complete: 'none' },
  'decryption-key': { type: 'csv', describe: 'Key that decrypts the image', unsupported: noEncryption },
  'encrypt-layer': { type: 'csv', valueName: 'ints', describe: 'Layers to encrypt', unsupported: noEncryption },
  'encryption-key': { type: 'csv', describe: 'Key to encrypt with', unsupported: noEncryption },
  'image-parallel-copies': { type: 'number', valueName: 'uint', describe: 'Layers copied at once (default 6)' },
  'multi-arch': { type: 'string', describe: 'What to copy of an image index: system, all or index-only' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing' },
  'sign-identity': { type: 'string', describe: 'Name of the image in its signature', complete: 'none' },
});

export const syncFlags = defineFlags({
  ...shared,
  ...prefixed('src-', { ...authFile, ...remote }),
  ...prefixed('dest-', { ...authFile, ...remote }),
  'append-suffix': { type: 'string', describe: 'Text to add to the tags at the target', complete: 'none' },
  dest: { type: 'string', alias: 'd', describe: 'Transport of the target: docker or dir', complete: 'none' },
  'dry-run': { type: 'boolean', describe: 'Say what would be copied' },
  'keep-going': { type: 'boolean', describe: 'Go on with the next image after a failure' },
  scoped: { type: 'boolean', describe: 'Keep the whole name of the source below the target' },
  src: { type: 'string', alias: 's', describe: 'Transport of the source: docker, dir or yaml', complete: 'none' },
});

export const inspectFlags = defineFlags({
  ...placeFlags,
  config: { type: 'boolean', describe: 'Print the configuration' },
  format: { type: 'string', alias: 'f', describe: 'Go template', complete: 'none' },
  'no-tags': { type: 'boolean', alias: 'n', describe: 'Do not list the tags of the repository' },
  raw: { type: 'boolean', describe: 'Print the manifest, or with --config the configuration, as it is' },
});

type Prefixed<P extends string, F extends Flags> = { [K in keyof F & string as `${P}${K}`]: F[K] };

function prefixed<const P extends string, const F extends Flags>(prefix: P, flags: F): Prefixed<P, F> {
  // skopeo's first names for them.
  const aliases = { aliases: [`${prefix[0]}creds`] };
  const entries = Object.entries(flags).map(([name, flag]) => [
    prefix + name,
    name === 'creds' ? { ...flag, ...aliases } : flag,
  ]);
  return Object.fromEntries(entries) as Prefixed<P, F>;
}
