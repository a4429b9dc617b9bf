/** Remembers what the user chose for a short name, where Podman remembers it (short-name-aliases.conf). */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { withLockSync } from '../system/lock.ts';
import { asTable } from './registries-conf-entry.ts';
import { aliasCacheFile } from './registries-conf-files.ts';
import { readToml } from './toml.ts';

/**
 * @param name a short name without tag
 * @param target the full repository
 * @throws TspodError BAD_CONFIG for a file that is broken, and errno errors
 */
export function addShortNameAlias(name: string, target: string, path = aliasCacheFile()): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  withLockSync(`${path}.lock`, 'exclusive', () => {
    const aliases = { ...asTable(readToml(path)?.['aliases']), [name]: target };
    const lines = Object.entries(aliases).map(([key, value]) => `  ${JSON.stringify(key)} = ${JSON.stringify(value)}`);
    writeFileAtomic(path, `[aliases]\n${lines.sort().join('\n')}\n`, { mode: 0o600 });
  });
}
