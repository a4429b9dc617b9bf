/** mounts.conf: folders of the host that every container gets a copy of, for example subscriptions (containers-mounts.conf(5)). */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { TspodError } from '../../errors.ts';
import type { Mount } from '../../oci/runtime-spec.ts';
import { run } from '../../system/spawn.ts';

const files = ['/etc/containers/mounts.conf', '/usr/share/containers/mounts.conf'];

/**
 * Copies into the volatile folder of the container what the first file names, so that nothing of the host can be
 * written to. Files and folders that are missing are passed over.
 *
 * @param chosen --default-mounts-file; '' for the usual files
 */
export function defaultMounts(chosen: string, runDir: string): Mount[] {
  const path = chosen || files.find((file) => existsSync(file));
  if (!path || !existsSync(path)) return [];
  return linesOf(path).flatMap((line, index) => {
    const [source = '', destination = source] = line.split(':');
    if (!existsSync(source) || !destination.startsWith('/')) return [];
    const copy = copyOf(source, `${runDir}/mounts/${index}`);
    return [{ destination: posix.normalize(destination), type: 'bind', source: copy, options: ['bind', 'rprivate'] }];
  });
}

function linesOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function copyOf(source: string, target: string): string {
  mkdirSync(target, { recursive: true, mode: 0o755 });
  const { status, stderr } = run({ file: 'cp', args: ['-rL', '--preserve=mode', '--', `${source}/.`, target] });
  if (status !== 0) throw new TspodError('SYSTEM', `copying default mount "${source}": ${stderr.trim()}`);
  return target;
}
