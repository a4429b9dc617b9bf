import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { cut } from './labels.ts';
import type { Namespaces } from './namespaces.ts';
import type { NetworkChoice } from './network.ts';

const ipcNames = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/** --sysctl: only parameters that a namespace has for itself, and not when the container has the host's namespace. */
export function buildSysctls(
  { options }: BuildInput,
  { network, ipc, uts }: Pick<NetworkChoice, 'network'> & Pick<Namespaces, 'ipc' | 'uts'>,
): Record<string, string> {
  const sysctls: Record<string, string> = {};
  for (const text of options.sysctl) {
    if (!text.includes('=')) badArgument(`${text} is invalid, sysctl values must be in the form of KEY=VALUE`);
    const [name, value] = cut(text);
    if (name !== name.trim() || value !== value.trim()) badArgument(`'${text}' is invalid, extra spaces found`);
    if (!ipcNames.has(name) && !/^(net\.|fs\.mqueue\.)/.test(name)) badArgument(`sysctl '${name}' is not allowed`);
    const refuse = (namespace: string): never =>
      badArgument(`sysctl ${text} can't be set since ${namespace} Namespace set to host: invalid argument`);
    if (name.startsWith('fs.mqueue.') && ipc.mode === 'host') refuse('IPC');
    if (name.startsWith('net.') && network.mode === 'host') refuse('Network');
    if (/^kernel\.(domainname|hostname)/.test(name) && uts.mode === 'host') refuse('UTS');
    sysctls[name] = value;
  }
  return sysctls;
}
