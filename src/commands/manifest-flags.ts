/** Flags that several commands on manifest lists have. */
import { defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { Annotations } from '../image/manifest-list/annotate.ts';
import type { RemoteOptions } from '../image/open-source.ts';
import { type RegistryArgs, remoteOptions } from './registry-flags.ts';

export const insecureFlags = defineFlags({
  insecure: { type: 'boolean', hidden: true, describe: 'Do not verify certificates' },
  'tls-verify': { type: 'boolean', default: true, describe: 'Require HTTPS with a valid certificate' },
});

export const memberFlags = defineFlags({
  annotation: { type: 'list', describe: 'Annotation of the image (KEY=VALUE)', complete: 'none' },
  arch: { type: 'string', describe: 'Architecture of the image', complete: 'none' },
  features: { type: 'csv', describe: 'Features of the image', complete: 'none' },
  os: { type: 'string', describe: 'Operating system of the image', complete: 'none' },
  'os-version': { type: 'string', describe: 'Version of the operating system', complete: 'none' },
  variant: { type: 'string', describe: 'Variant of the architecture', complete: 'none' },
});

/** @throws TspodError BAD_ARGUMENT when both flags are given */
export function insecureOptions(args: RegistryArgs & { insecure?: boolean | undefined }): RemoteOptions {
  if (!args.given.has('insecure')) return remoteOptions(args);
  if (args.given.has('tls-verify')) {
    throw new TspodError('BAD_ARGUMENT', '--insecure may not be used with --tls-verify');
  }
  return { ...remoteOptions(args), tlsVerify: !args.insecure };
}

interface MemberArgs {
  arch?: string | undefined;
  features: string[];
  os?: string | undefined;
  osVersion?: string | undefined;
  variant?: string | undefined;
}

/** What the flags say of one member. */
export function memberChanges({ arch, features, os, osVersion, variant }: MemberArgs): Annotations {
  return { architecture: arch, features, os, osVersion, variant };
}
