/**
 * Every command with its names and its module. Static data and lazy imports: a call loads the one command it runs.
 * Names are joined by `|`; within one noun the first is the canonical one. One line each, sorted by the first name.
 */
import type { CommandRow, CommandTable } from '../cli/command.ts';

const rows: readonly CommandRow[] = [['version', () => import('./version.ts')]];

const nouns = {
  container: 'Manage containers',
  image: 'Manage images',
  network: 'Manage networks',
  system: 'Manage podman',
  volume: 'Manage volumes',
};

export const commands: CommandTable = { rows, nouns };
