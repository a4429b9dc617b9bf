/** Flags of every command that talks to a registry, and what they mean for the image layer. */

import { defineFlags } from '../cli/command.ts';
import type { Credentials } from '../config/auth.ts';
import { parseDuration } from '../config/duration.ts';
import { TspodError } from '../errors.ts';
import type { RemoteOptions } from '../image/open-source.ts';
import type { Platform } from '../oci/image-spec.ts';
import { hostPlatform, normalize } from '../registry/platform.ts';
import { checkAuthFile } from './check-auth-file.ts';

export const registryFlags = defineFlags({
  authfile: { type: 'string', describe: 'File with the credentials of registries', complete: 'files' },
  'cert-dir': { type: 'string', describe: 'Folder with TLS certificates and keys', complete: 'files' },
  creds: { type: 'string', describe: 'Credentials for the registry (USER:PASSWORD)', complete: 'none' },
  'tls-verify': { type: 'boolean', default: true, describe: 'Require HTTPS with a valid certificate' },
});

export const retryFlags = defineFlags({
  retry: {
    type: 'number',
    valueName: 'uint',
    describe: 'Further tries after a failure when performing pull',
    default: 3,
    conf: 'retry',
  },
  'retry-delay': { type: 'string', describe: 'Time between tries after pull failures', conf: 'retryDelay' },
});

export const platformFlags = defineFlags({
  arch: { type: 'string', describe: 'Choose images of this architecture', complete: 'none' },
  os: { type: 'string', describe: 'Choose images of this operating system', complete: 'none' },
  platform: { type: 'string', describe: 'Choose images of this platform (OS/ARCH[/VARIANT])', complete: 'none' },
  variant: { type: 'string', describe: 'Choose images of this variant of the architecture', complete: 'none' },
});

export interface RegistryArgs {
  given: ReadonlySet<string>;
  authfile?: string | undefined;
  certDir?: string | undefined;
  creds?: string | undefined;
  tlsVerify?: boolean | undefined;
  retry?: number | undefined;
  retryDelay?: string | undefined;
  signaturePolicy?: string | undefined;
}

/**
 * Options for the image layer; only what was given, so that configuration files decide the rest.
 *
 * @throws TspodError BAD_ARGUMENT
 */
export function remoteOptions(args: RegistryArgs): RemoteOptions {
  const { given, authfile, certDir, creds, tlsVerify, retry, retryDelay, signaturePolicy } = args;
  checkAuthFile(authfile);
  return {
    ...(authfile ? { authFile: authfile } : {}),
    ...(certDir ? { certDir } : {}),
    ...(creds ? { credentials: parseCredentials(creds) } : {}),
    ...(given.has('tls-verify') && tlsVerify !== undefined ? { tlsVerify } : {}),
    ...(given.has('retry') ? { retry } : {}),
    ...(signaturePolicy ? { policyFile: signaturePolicy } : {}),
    ...(retryDelay ? { retryDelay: parseDuration(retryDelay) } : {}),
  };
}

/** `USER:PASSWORD`. @throws TspodError BAD_ARGUMENT */
export function parseCredentials(text: string): Credentials {
  const colon = text.indexOf(':');
  if (text === '') throw new TspodError('BAD_ARGUMENT', "credentials can't be empty");
  const username = colon < 0 ? text : text.slice(0, colon);
  if (username === '') throw new TspodError('BAD_ARGUMENT', "username can't be empty");
  return { username, password: colon < 0 ? '' : text.slice(colon + 1) };
}

export interface PlatformArgs {
  arch?: string | undefined;
  os?: string | undefined;
  platform?: string | undefined;
  variant?: string | undefined;
}

/** The platform that was asked for, or undefined. @throws TspodError BAD_ARGUMENT */
export function platformOf({ arch, os, platform, variant }: PlatformArgs): Platform | undefined {
  if (platform && (arch || os)) {
    throw new TspodError('BAD_ARGUMENT', '--platform option can not be specified with --arch or --os');
  }
  const [platformOs, platformArch, platformVariant] = (platform ?? '').split('/');
  const chosen = { os: platformOs || os, arch: platformArch || arch, variant: platformVariant || variant };
  if (!chosen.os && !chosen.arch && !chosen.variant) return undefined;
  const host = hostPlatform();
  return normalize({
    os: chosen.os || host.os,
    architecture: chosen.arch || host.architecture,
    ...(chosen.variant ? { variant: chosen.variant } : {}),
  });
}
