/**
 * Every command with its names and its module. Static data and lazy imports: a call loads the one command it runs.
 * Names are joined by `|`; within one noun the first is the canonical one. One line each, sorted by the first name.
 */
import type { CommandRow, CommandTable } from '../cli/command.ts';

// biome-ignore format: one line each
const rows: readonly CommandRow[] = [
  ['info|system info', () => import('./info.ts')],
  ['load|image load', () => import('./load.ts')],
  ['pull|image pull', () => import('./pull.ts')],
  ['version', () => import('./version.ts')],
];

const nouns = {
  container: 'Manage containers',
  image: 'Manage images',
  network: 'Manage networks',
  system: 'Manage podman',
  volume: 'Manage volumes',
};

export const commands: CommandTable = { rows, nouns };
