/** The flags of `pod create`: those of `create` that concern all containers of a pod, and its own. */
import { defineFlags } from '../cli/command.ts';
import { networkFlags } from './create-flags-network.ts';
import { processFlags } from './create-flags-process.ts';
import { resourceFlags } from './create-flags-resources.ts';
import { securityFlags } from './create-flags-security.ts';
import { storageFlags } from './create-flags-storage.ts';

const { expose: _expose, 'publish-all': _publishAll, ...podNetworkFlags } = networkFlags;

export const podCreateFlags = defineFlags({
  ...podNetworkFlags,
  'blkio-weight': resourceFlags['blkio-weight'],
  'blkio-weight-device': resourceFlags['blkio-weight-device'],
  'cgroup-parent': resourceFlags['cgroup-parent'],
  'cpu-shares': resourceFlags['cpu-shares'],
  cpus: resourceFlags.cpus,
  'cpuset-cpus': resourceFlags['cpuset-cpus'],
  'cpuset-mems': resourceFlags['cpuset-mems'],
  device: storageFlags.device,
  'device-read-bps': resourceFlags['device-read-bps'],
  'device-write-bps': resourceFlags['device-write-bps'],
  'exit-policy': { type: 'string', describe: 'What happens when the last container exits: continue or stop' },
  gidmap: securityFlags.gidmap,
  gpus: storageFlags.gpus,
  infra: { type: 'boolean', default: true, describe: 'Make a container that holds the shared namespaces' },
  'infra-command': { type: 'string', describe: 'Program of that container; needs an image that has it' },
  'infra-conmon-pidfile': { ...processFlags['conmon-pidfile'], describe: 'Write the process id of its monitor here' },
  'infra-image': {
    type: 'string',
    describe: 'Image of that container in place of the built-in one',
    complete: 'images',
  },
  'infra-name': { type: 'string', describe: 'Name of that container' },
  label: processFlags.label,
  'label-file': processFlags['label-file'],
  memory: resourceFlags.memory,
  'memory-swap': resourceFlags['memory-swap'],
  name: { type: 'string', alias: 'n', describe: 'Name of the pod' },
  pid: securityFlags.pid,
  'pod-id-file': { type: 'string', describe: 'Write the id of the pod to this file', complete: 'files' },
  replace: { type: 'boolean', describe: 'Remove a pod of the same name first' },
  restart: processFlags.restart,
  'security-opt': securityFlags['security-opt'],
  share: {
    type: 'string',
    default: 'ipc,net,uts',
    describe: 'Namespaces to share: cgroup, ipc, net, pid, uts or none',
  },
  'share-parent': { type: 'boolean', default: true, describe: 'Make the cgroups of the containers in that of the pod' },
  'shm-size': storageFlags['shm-size'],
  'shm-size-systemd': storageFlags['shm-size-systemd'],
  subgidname: securityFlags.subgidname,
  subuidname: securityFlags.subuidname,
  sysctl: securityFlags.sysctl,
  uidmap: securityFlags.uidmap,
  userns: securityFlags.userns,
  uts: securityFlags.uts,
  volume: storageFlags.volume,
  'volumes-from': storageFlags['volumes-from'],
});
