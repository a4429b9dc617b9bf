import { lstatSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { run } from '../../system/spawn.ts';
import type { ContainerConfig } from '../container.ts';
import type { ProcessUser } from './user.ts';

/** The option `U`: the source, with all below it, belongs to the container's user. Done already when its top does. */
export function chownSources(
  { config, volumeDir }: { config: ContainerConfig; volumeDir: string },
  owner: () => Pick<ProcessUser, 'uid' | 'gid'>,
): void {
  const sources = [
    ...config.mounts
      .filter((mount) => mount.type === 'bind' && mount.options.includes('U'))
      .map(({ source }) => source),
    ...config.volumes.filter((volume) => volume.options.includes('U')).map(({ name }) => `${volumeDir}/${name}/_data`),
    ...(config.overlayVolumes ?? []).filter(({ options }) => options.includes('U')).map(({ source }) => source),
  ];
  for (const source of sources) chown(source, owner());
}

/** Folders whose owner must not change, whatever was mounted. */
const precious = new Set([
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/lib',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/var',
]);

function chown(source: string, { uid, gid }: Pick<ProcessUser, 'uid' | 'gid'>): void {
  if (precious.has(source)) {
    throw new TspodError(
      'BAD_ARGUMENT',
      `chowning host path "${source}" is not allowed. You can manually \`chown\` it`,
    );
  }
  const stat = lstatSync(source);
  if (stat.uid === uid && stat.gid === gid) return;
  const { status, stderr } = run({ file: 'chown', args: ['-R', '-h', '--', `${uid}:${gid}`, source] });
  if (status !== 0) throw new TspodError('SYSTEM', `chown of "${source}": ${stderr.trim().split('\n').at(-1) ?? ''}`);
}
