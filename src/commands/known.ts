/**
 * Every command of Podman 5.8 and Docker 28, by noun ('' is the program itself). What is here and not in the table of
 * commands is refused by name instead of being called unknown.
 */
const KNOWN: Readonly<Record<string, string>> = {
  '':
    'artifact attach auto-update build builder checkpoint commit compose config container context cp ' +
    'create diff events exec export farm generate healthcheck history image images import info init ' +
    'inspect kill kube load login logout logs machine manifest mount network node pause plugin pod port ' +
    'ps pull push quadlet rename restart rm rmi run save search secret service stack start stats stop ' +
    'swarm system tag top trust unmount unpause unshare untag update version volume wait',
  artifact: 'add extract inspect ls pull push rm',
  builder: 'build prune',
  checkpoint: 'create ls rm',
  config: 'create inspect ls rm',
  container:
    'attach checkpoint cleanup clone commit cp create diff exec exists export init inspect kill list logs ' +
    'ls mount pause port prune ps rename restart restore rm run runlabel start stats stop top unmount ' +
    'unpause update wait',
  context: 'create export import inspect ls rm show update use',
  farm: 'build create list remove update',
  generate: 'kube spec systemd',
  healthcheck: 'run',
  image:
    'build diff exists history import inspect list load ls mount prune pull push rm save scp search sign ' +
    'tag tree trust unmount untag',
  'image trust': 'set show',
  kube: 'apply down generate play',
  machine: 'cp info init inspect list os reset rm set ssh start stop',
  'machine os': 'apply',
  manifest: 'add annotate create exists inspect push remove rm',
  network: 'connect create disconnect exists inspect ls prune reload rm update',
  node: 'demote inspect ls promote ps rm update',
  plugin: 'create disable enable inspect install ls push rm set upgrade',
  pod: 'clone create exists inspect kill logs pause prune ps restart rm start stats stop top unpause',
  quadlet: 'install list print rm',
  secret: 'create exists inspect ls rm',
  service: 'create inspect logs ls ps rm rollback scale update',
  stack: 'config deploy ls ps rm services',
  swarm: 'ca init join join-token leave unlock unlock-key update',
  system: 'check connection df events info migrate prune renumber reset service',
  'system connection': 'add default list remove rename',
  trust: 'inspect key revoke sign signer',
  'trust key': 'generate load',
  'trust signer': 'add remove',
  volume: 'create exists export import inspect ls mount prune reload rm unmount update',
};

/** Whether Podman or Docker has a command of this name, for example `pod create`. */
export function isKnownCommand(path: string): boolean {
  const space = path.lastIndexOf(' ');
  const words = KNOWN[path.slice(0, Math.max(0, space))] ?? '';
  return words.split(' ').includes(path.slice(space + 1));
}
