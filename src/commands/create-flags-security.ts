import { defineFlags } from '../cli/command.ts';

/** Users, capabilities and namespaces. */
export const securityFlags = defineFlags({
  'cap-add': { type: 'csv', describe: 'Add a capability' },
  'cap-drop': { type: 'csv', describe: 'Drop a capability' },
  cgroupns: { type: 'string', describe: 'Cgroup namespace: host, private, container:ID, ns:PATH' },
  gidmap: { type: 'list', describe: 'Map group ids: CONTAINER:[@]HOST[:SIZE]' },
  'group-add': { type: 'csv', describe: 'Add the process to further groups' },
  'group-entry': { type: 'string', describe: 'Line to add to /etc/group' },
  hostuser: { type: 'csv', describe: 'Users of the host to add to /etc/passwd' },
  ipc: { type: 'string', describe: 'IPC namespace: shareable, private, none, host, container:ID, ns:PATH' },
  'passwd-entry': { type: 'string', describe: 'Line to add to /etc/passwd' },
  pid: { type: 'string', describe: 'Process namespace: private, host, container:ID, ns:PATH' },
  privileged: { type: 'boolean', describe: 'Give all capabilities and devices and lift all masks' },
  'seccomp-policy': {
    type: 'string',
    default: 'default',
    describe: 'Where the seccomp profile comes from: default, image',
  },
  'security-opt': {
    type: 'list',
    describe: 'Set a security option (seccomp=, apparmor=, label=, mask=, unmask=, ...)',
  },
  subgidname: { type: 'string', describe: 'Map the ranges of this name in /etc/subgid' },
  subuidname: { type: 'string', describe: 'Map the ranges of this name in /etc/subuid' },
  sysctl: { type: 'csv', describe: 'Set a kernel parameter of the container (NAME=VALUE)' },
  uidmap: { type: 'list', describe: 'Map user ids: CONTAINER:[@]HOST[:SIZE]' },
  user: { type: 'string', alias: 'u', describe: 'User, and group if wanted (USER[:GROUP], names or numbers)' },
  userns: {
    type: 'string',
    describe: 'User namespace: host, keep-id[:uid=,gid=,size=], nomap, auto[:size=], private, container:ID, ns:PATH',
  },
  uts: { type: 'string', describe: 'UTS namespace: private, host, container:ID, ns:PATH' },
});
