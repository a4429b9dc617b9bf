/** skopeo's global flags. */
import { type Args, defineFlags } from '../../cli/command.ts';
import { parseDuration } from '../../config/duration.ts';
import { TspodError } from '../../errors.ts';
import { hostPlatform, normalize } from '../../registry/platform.ts';
import type { TransferSystem } from '../transfer/system.ts';
import { logLine } from './log.ts';

export const globalFlags = defineFlags({
  'command-timeout': { type: 'string', valueName: 'duration', describe: 'Longest time that the command may take' },
  debug: { type: 'boolean', describe: 'Print what is done' },
  'insecure-policy': { type: 'boolean', describe: 'Obey no policy' },
  'override-arch': { type: 'string', valueName: 'ARCH', describe: 'Choose images of this architecture' },
  'override-os': { type: 'string', valueName: 'OS', describe: 'Choose images of this operating system' },
  'override-variant': { type: 'string', valueName: 'VARIANT', describe: 'Choose images of this variant' },
  policy: { type: 'string', describe: 'Path of a policy.json' },
  'registries-conf': { type: 'string', hidden: true, describe: 'Path of a registries.conf' },
  'registries.d': { type: 'string', valueName: 'DIR', describe: 'Folder that says where signatures are' },
  'require-signed': {
    type: 'boolean',
    describe: 'Take signed images only',
    unsupported: 'write a policy.json that asks for signatures',
  },
  'tls-details': { type: 'string', hidden: true, describe: 'Details of TLS', unsupported: 'not supported' },
  'tls-verify': { type: 'boolean', hidden: true, describe: 'Require HTTPS with a valid certificate' },
  tmpdir: { type: 'string', describe: 'Folder for temporary files' },
  'user-agent-prefix': { type: 'string', describe: 'Text in front of the user agent' },
  version: { type: 'boolean', alias: 'v', describe: 'Version for skopeo' },
});

export type SkopeoGlobals = Args<typeof globalFlags>;

/** @throws TspodError BAD_ARGUMENT */
export function systemOf(globals: SkopeoGlobals): TransferSystem {
  const { overrideArch, overrideOs, overrideVariant, commandTimeout } = globals;
  const host = hostPlatform();
  const chosen = overrideArch || overrideOs || overrideVariant;
  const platform = normalize({
    os: overrideOs || host.os,
    architecture: overrideArch || host.architecture,
    ...(overrideVariant ? { variant: overrideVariant } : {}),
  });
  const timeout = commandTimeout ? parseDuration(commandTimeout) : 0;
  if (globals.tmpdir) process.env['TMPDIR'] = globals.tmpdir;
  return {
    ...(chosen ? { platform } : {}),
    ...(globals.policy ? { policyFile: globals.policy } : {}),
    ...(globals.registriesConf ? { registriesConf: globals.registriesConf } : {}),
    ...(globals['registries.d'] ? { registriesDir: globals['registries.d'] } : {}),
    insecurePolicy: globals.insecurePolicy,
    ...(timeout > 0 ? { signal: deadline(timeout) } : {}),
    reportToStdout: true,
    report: logLine,
  };
}

function deadline(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  const reason = new TspodError('TIMEOUT', 'context deadline exceeded');
  setTimeout(() => controller.abort(reason), milliseconds).unref();
  return controller.signal;
}
