/** skopeo's commands. Those that tspod has under other names are the same code. */
import type { SkopeoCommand } from './command.ts';

type Row = readonly [name: string, load: () => Promise<{ default: SkopeoCommand }>];

// biome-ignore format: one line each
export const rows: readonly Row[] = [
  ['copy', () => import('./copy.ts')],
  ['delete', () => import('./delete.ts')],
  ['generate-sigstore-key', () => import('./generate-sigstore-key.ts')],
  ['inspect', () => import('./inspect.ts')],
  ['list-tags', () => import('./list-tags.ts')],
  ['login', () => import('./login.ts')],
  ['logout', () => import('./logout.ts')],
  ['manifest-digest', () => import('./manifest-digest.ts')],
  ['standalone-sign', () => import('./standalone-sign.ts')],
  ['standalone-verify', () => import('./standalone-verify.ts')],
  ['sync', () => import('./sync.ts')],
];

/** Commands that are refused, and why. */
export const refused: Readonly<Record<string, string>> = {
  'experimental-image-proxy': 'it serves other programs of its family',
  layers: 'use copy to a dir',
  'untrusted-signature-dump-without-verification': 'what is not verified should not be shown',
};
