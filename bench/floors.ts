/** What the bare parts take: no engine can be faster than the sum of those it uses. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedLayer } from '../test/fixtures/push.ts';
import { type Command, inTurns, median } from './measure.ts';

export interface Floor {
  name: string;
  milliseconds: number;
}

export async function measureFloors(withPulls: boolean): Promise<Floor[]> {
  const dir = mkdtempSync(join(tmpdir(), 'tspod-floor-'));
  try {
    const commands: [string, Command][] = [['node -e 0', { argv: [process.execPath, '-e', '0'] }]];
    commands.push([
      'crun run (true, no network)',
      { argv: ['crun', 'run', '--bundle', makeBundle(dir), 'tspod-floor'] },
    ]);
    if (withPulls) commands.push(...(await unpackFloors(dir)));
    const times = await inTurns(
      commands.map(([, command]) => command),
      5,
    );
    return commands.map(([name], index) => ({ name, milliseconds: median(times[index] ?? []) }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function makeBundle(dir: string): string {
  const bundle = join(dir, 'bundle');
  mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true });
  execFileSync('cp', ['/bin/busybox', join(bundle, 'rootfs/bin/true')]);
  execFileSync('crun', ['spec'], { cwd: bundle });
  const edit = String.raw`s/"terminal": true/"terminal": false/; s/"sh"/"\/bin\/true"/`;
  execFileSync('sed', ['-i', edit, join(bundle, 'config.json')]);
  execFileSync('sed', ['-i', '/"rlimits"/,/\\],/d', join(bundle, 'config.json')]);
  return bundle;
}

async function unpackFloors(dir: string): Promise<[string, Command][]> {
  const layer = await cachedLayer('bench-large', 'gzip', () => Promise.reject(new Error('make the images first')));
  const raw = join(dir, 'raw.tar');
  execFileSync('sh', ['-c', `zcat '${layer.path}' >'${raw}'`]);
  const target = join(dir, 'out');
  const fresh = async () => {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
  };
  const floors: [string, Command][] = [
    ['tar -x of the 0.7 GB layer, uncompressed', { argv: ['tar', '-x', '-f', raw, '-C', target], before: fresh }],
  ];
  if (hasProgram('igzip')) {
    floors.push(['igzip -d of the 0.7 GB layer', { argv: ['sh', '-c', `igzip -d -c '${layer.path}' >/dev/null`] }]);
  }
  return floors;
}

function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
