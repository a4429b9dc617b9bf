import { defineFlags } from '../cli/command.ts';

/** Mounts, volumes and devices. */
export const storageFlags = defineFlags({
  chrootdirs: { type: 'list', describe: 'Folders below which the files of the engine are mounted too' },
  device: { type: 'list', describe: 'Add a device of the host (HOST[:CONTAINER][:rwm])', complete: 'files' },
  gpus: { type: 'csv', describe: 'Add GPUs', unsupported: 'CDI devices are not built yet' },
  'image-volume': {
    type: 'string',
    describe: 'What becomes of the volumes of the image: anonymous, bind, tmpfs, ignore',
  },
  mount: { type: 'list', describe: 'Mount a bind, volume, tmpfs, ramfs, image, glob or devpts (type=,src=,dst=,...)' },
  'read-only': { type: 'boolean', describe: 'Make the root file system read-only' },
  'read-only-tmpfs': {
    type: 'boolean',
    default: true,
    describe: 'Keep /run, /tmp and /var/tmp writable with --read-only',
  },
  secret: {
    type: 'list',
    describe: 'Add a secret (NAME[,type=mount|env,target=,uid=,gid=,mode=])',
    complete: 'none',
  },
  'shm-size': { type: 'string', describe: 'Size of /dev/shm, with a unit b, k, m or g' },
  'shm-size-systemd': { type: 'string', describe: 'Size of /run and /run/lock in systemd mode' },
  tmpfs: { type: 'list', describe: 'Mount a tmpfs (PATH[:OPTIONS])' },
  volume: {
    type: 'list',
    alias: 'v',
    describe: 'Mount a folder or a volume ([SOURCE:]PATH[:OPTIONS])',
    complete: 'files',
  },
  'volumes-from': { type: 'list', describe: 'Mount the volumes of another container', complete: 'containers' },
});
