/** Programs that give a network namespace a way out without rights on the host. */
import { accessSync, constants } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { NetworkContext } from './context.ts';

const debianPackages = { pasta: 'passt', slirp4netns: 'slirp4netns' } as const;

/** Path of the program, from the folders of helpers or PATH. MISSING_PROGRAM says what to install. */
export function helperProgram({ helperDirs = [] }: NetworkContext, name: keyof typeof debianPackages): string {
  const folders = [...helperDirs, ...(process.env['PATH'] ?? '').split(':'), '/usr/bin', '/usr/local/bin'];
  const found = folders.map((folder) => `${folder}/${name}`).find((path) => path.startsWith('/') && isExecutable(path));
  if (found) return found;
  throw new TspodError(
    'MISSING_PROGRAM',
    `could not find ${name}, the network namespace can't be configured: install the package ` +
      `${debianPackages[name]} (apt-get install ${debianPackages[name]}), or use --network none or host`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
