/** The monitor as it is built for users, and with sanitizers. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, renameSync, statSync } from 'node:fs';

const folder = new URL('../../build', import.meta.url).pathname;
export const built = `${folder}/Release/conmon`;
/** scripts/test-sanitized: `built` has the sanitizers too, and is neither small nor fit for other preloaded libraries. */
export const isSanitizedBuild = process.env['TSPOD_SANITIZE'] === '1';
export const sanitized = `${folder}/conmon-sanitized`;

/** Compiles the monitor with the address and undefined behaviour sanitizers, unless that is done already. */
export function buildSanitized(): void {
  const sources = globSync(new URL('../../native/monitor/*.[ch]', import.meta.url).pathname);
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(sanitized) && statSync(sanitized).mtimeMs > newest) return;
  const flags = ['-std=gnu17', '-D_GNU_SOURCE', '-g', '-O1', '-Wall', '-Wextra', '-Werror'];
  const sanitize = ['-fsanitize=address,undefined', '-fno-omit-frame-pointer', '-fno-sanitize-recover=all'];
  const temporary = `${sanitized}.${process.pid}`;
  const units = sources.filter((path) => path.endsWith('.c'));
  execFileSync('cc', [...flags, ...sanitize, '-o', temporary, ...units], { stdio: 'inherit' });
  renameSync(temporary, sanitized);
}
