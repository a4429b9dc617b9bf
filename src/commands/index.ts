/**
 * Every command with its names and its module. Static data and lazy imports: a call loads the one command it runs.
 * Names are joined by `|`; within one noun the first is the canonical one. One line each, sorted by the first name.
 */
import type { CommandRow, CommandTable } from '../cli/command.ts';

// biome-ignore format: one line each
const rows: readonly CommandRow[] = [
  ['container cleanup', () => import('./container-cleanup.ts')],
  ['container exists', () => import('./container-exists.ts')],
  ['container inspect', () => import('./container-inspect.ts')],
  ['container list|container ls', () => import('./ps.ts')],
  ['container prune', () => import('./container-prune.ts')],
  ['create|container create', () => import('./create.ts')],
  ['exec|container exec', () => import('./exec.ts')],
  ['history|image history', () => import('./history.ts')],
  ['image exists', () => import('./image-exists.ts')],
  ['image inspect', () => import('./image-inspect.ts')],
  ['image mount', () => import('./image-mount.ts')],
  ['image prune', () => import('./image-prune.ts')],
  ['image unmount|image umount', () => import('./image-unmount.ts')],
  ['images|image list|image ls', () => import('./images.ts')],
  ['info|system info', () => import('./info.ts')],
  ['init|container init', () => import('./init.ts')],
  ['inspect', () => import('./inspect.ts')],
  ['kill|container kill', () => import('./kill.ts')],
  ['load|image load', () => import('./load.ts')],
  ['mount|container mount', () => import('./mount.ts')],
  ['pause|container pause', () => import('./pause.ts')],
  ['port|container port', () => import('./port.ts')],
  ['ps|container ps', () => import('./ps.ts')],
  ['pull|image pull', () => import('./pull.ts')],
  ['rename|container rename', () => import('./rename.ts')],
  ['restart|container restart', () => import('./restart.ts')],
  ['rm|container rm', () => import('./rm.ts')],
  ['rmi|image rm|image remove', () => import('./rmi.ts')],
  ['run|container run', () => import('./run.ts')],
  ['start|container start', () => import('./start.ts')],
  ['stop|container stop', () => import('./stop.ts')],
  ['system check', () => import('./system-check.ts')],
  ['tag|image tag', () => import('./tag.ts')],
  ['top|container top', () => import('./top.ts')],
  ['unmount|umount|container unmount|container umount', () => import('./unmount.ts')],
  ['unpause|container unpause', () => import('./unpause.ts')],
  ['untag|image untag', () => import('./untag.ts')],
  ['version', () => import('./version.ts')],
  ['volume create', () => import('./volume-create.ts')],
  ['volume exists', () => import('./volume-exists.ts')],
  ['volume inspect', () => import('./volume-inspect.ts')],
  ['volume ls|volume list', () => import('./volume-ls.ts')],
  ['volume mount', () => import('./volume-mount.ts')],
  ['volume prune', () => import('./volume-prune.ts')],
  ['volume rm|volume remove', () => import('./volume-rm.ts')],
  ['volume unmount', () => import('./volume-unmount.ts')],
  ['wait|container wait', () => import('./wait.ts')],
];

const nouns = {
  container: 'Manage containers',
  image: 'Manage images',
  network: 'Manage networks',
  system: 'Manage podman',
  volume: 'Manage volumes',
};

export const commands: CommandTable = { rows, nouns };
