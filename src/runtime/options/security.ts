/** --privileged, --cap-add, --cap-drop and --security-opt. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import type { ContainerConfig } from '../container.ts';
import { mergeCapabilities } from '../spec/capabilities.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';

type Security = Pick<
  ContainerConfig,
  | 'apparmorProfile'
  | 'capAdd'
  | 'capDrop'
  | 'mask'
  | 'noNewPrivileges'
  | 'privileged'
  | 'procOpts'
  | 'seccompProfile'
  | 'securityOpts'
  | 'selinuxOptions'
  | 'unmask'
> &
  Required<Pick<ContainerConfig, 'defaultCaps'>>;

export function buildSecurity(input: BuildInput): Security {
  const { options, conf, host } = input;
  const security: Security = {
    apparmorProfile: '',
    capAdd: options.capAdd,
    capDrop: options.capDrop,
    defaultCaps: requiredByImage(input) ?? conf.containers.defaultCapabilities,
    mask: [],
    noNewPrivileges: false,
    privileged: options.given.has('privileged') ? options.privileged : conf.containers.privileged,
    procOpts: [],
    seccompProfile: '',
    securityOpts: options.securityOpt,
    selinuxOptions: [],
    unmask: [],
  };
  mergeCapabilities(security.defaultCaps, security.capAdd, security.capDrop, host);
  for (const option of options.securityOpt) apply(security, option);
  if (options.seccompPolicy !== 'default' && options.seccompPolicy !== '') refuseSeccompPolicy(options.seccompPolicy);
  checkProfiles(security, input);
  return security;
}

/** Images may ask for fewer capabilities than the default by a label; more are not given. */
function requiredByImage({ image, options, conf, host }: BuildInput): string[] | null {
  const labels = image?.config.config?.Labels ?? {};
  const wanted = labels['io.containers.capabilities'];
  if (wanted === undefined || options.privileged) return null;
  const names = mergeCapabilities([], wanted.split(',').filter(Boolean), [], host);
  const allowed = mergeCapabilities(conf.containers.defaultCapabilities, options.capAdd, options.capDrop, host);
  return names.every((name) => allowed.includes(name)) ? names : null;
}

/** Both `key=value` and Docker's old `key:value`. */
function apply(security: Security, option: string): void {
  const at = option.includes('=') ? option.indexOf('=') : option.indexOf(':');
  const [key, value] = at < 0 ? [option, null] : [option.slice(0, at), option.slice(at + 1)];
  if (value === null && key !== 'no-new-privileges') badArgument(`invalid --security-opt 1: ${JSON.stringify(option)}`);
  const text = value ?? '';
  switch (key) {
    case 'apparmor':
      security.apparmorProfile = text;
      break;
    case 'label':
      security.selinuxOptions.push(text);
      break;
    case 'mask':
      security.mask.push(...text.split(':'));
      break;
    case 'unmask':
      security.unmask.push(...text.split(':'));
      break;
    case 'proc-opts':
      security.procOpts = text.split(',');
      break;
    case 'seccomp':
      security.seccompProfile = text === 'unconfined' ? text : resolve(text);
      break;
    case 'systempaths':
      if (text !== 'unconfined') {
        badArgument(`invalid systempaths option ${JSON.stringify(text)}, only \`unconfined\` is supported`);
      }
      security.unmask.push('ALL');
      break;
    case 'no-new-privileges':
      security.noNewPrivileges = value === null || parseBool(text, option);
      break;
    default:
      badArgument(`invalid --security-opt 2: ${JSON.stringify(option)}`);
  }
}

function parseBool(text: string, option: string): boolean {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(text)) return false;
  return badArgument(`invalid --security-opt 2: ${JSON.stringify(option)}`);
}

function checkProfiles({ apparmorProfile, seccompProfile }: Security, { host }: BuildInput): void {
  if (apparmorProfile && apparmorProfile !== 'unconfined' && !host.apparmor) {
    const words = `apparmor profile ${JSON.stringify(apparmorProfile)} specified`;
    badArgument(`${words}, but Apparmor is not enabled on this system`);
  }
  if (!seccompProfile || seccompProfile === 'unconfined') return;
  if (!existsSync(seccompProfile)) {
    badArgument(`opening seccomp profile failed: open ${seccompProfile}: no such file or directory`);
  }
}

function refuseSeccompPolicy(policy: string): never {
  if (policy === 'image') throw new TspodError('UNSUPPORTED', '--seccomp-policy image is not supported');
  return badArgument(`invalid seccomp policy ${JSON.stringify(policy)}: valid policies are ["default" "image"]`);
}
