/** skopeo's commands. Those that tspod has under other names are the same code. */
import type { SkopeoCommand } from './command.ts';

type Row = readonly [name: string, load: () => Promise<{ default: SkopeoCommand }>];

// biome-ignore format: one line each
export const rows: readonly Row[] = [
  ['copy', () => import('./copy.ts')],
  ['delete', () => import('./delete.ts')],
  ['inspect', () => import('./inspect.ts')],
  ['list-tags', () => import('./list-tags.ts')],
  ['login', () => import('./login.ts')],
  ['logout', () => import('./logout.ts')],
  ['manifest-digest', () => import('./manifest-digest.ts')],
  ['sync', () => import('./sync.ts')],
];

/** Commands that are refused, and why. */
export const refused: Readonly<Record<string, string>> = {
  'experimental-image-proxy': 'it serves other programs of its family',
  'generate-sigstore-key': 'keys are made with cosign or openssl',
  layers: 'use copy to a dir',
  'standalone-sign': 'signing is not supported yet',
  'standalone-verify': 'signatures are not checked here yet',
  'untrusted-signature-dump-without-verification': 'what is not verified should not be shown',
};
