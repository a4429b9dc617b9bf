/** registries.d: where the signatures of a registry's images are (containers-registries.d(5)). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { messageOf, TspodError } from '../errors.ts';
import { callerUid } from './rootless.ts';

interface Namespace {
  lookaside?: string;
  'lookaside-staging'?: string;
  /** The old names of the same. */
  sigstore?: string;
  'sigstore-staging'?: string;
  'use-sigstore-attachments'?: boolean;
}

export interface SignatureStorage {
  /** URL of the folder that signatures are read from, without the repository. */
  read: string;
  /** URL of the folder that new ones are written to. */
  write: string;
  /** Signatures are attached in the registry too, as cosign does. */
  attachments: boolean;
}

const textKeys = ['lookaside', 'lookaside-staging', 'sigstore', 'sigstore-staging'] as const;

/**
 * Where to look for the signatures of an image.
 *
 * @param scopes what the image is called, most specific first
 * @param folder the folder to read instead of the user's or the system's
 * @throws TspodError BAD_CONFIG
 */
export async function signatureStorage(
  scopes: readonly string[],
  folder: string = registriesFolder(),
): Promise<SignatureStorage> {
  const namespaces = await readFolder(folder);
  const fitting = [...scopes, ''].flatMap((scope) => namespaces.get(scope) ?? []);
  const first = (...names: (typeof textKeys)[number][]) => {
    for (const namespace of fitting) {
      const url = names.map((name) => namespace[name]).find((value) => value);
      if (url) return url;
    }
    return defaultLookaside();
  };
  const said = fitting.map((namespace) => namespace['use-sigstore-attachments']).find((value) => value !== undefined);
  return {
    read: first('lookaside', 'sigstore'),
    write: first('lookaside-staging', 'sigstore-staging', 'lookaside', 'sigstore'),
    attachments: said ?? false,
  };
}

/** The folder of registries.d that holds for this user. */
export function registriesFolder(): string {
  const user = `${homedir()}/.config/containers/registries.d`;
  return existsSync(user) ? user : '/etc/containers/registries.d';
}

/** What is configured for a scope or the nearest above it: what `image trust show` tells. */
export async function configuredLookaside(scopes: readonly string[], folder?: string): Promise<string> {
  const namespaces = await readFolder(folder ?? registriesFolder());
  const scope = [...scopes, ''].find((name) => namespaces.has(name));
  const namespace = scope === undefined ? undefined : namespaces.get(scope);
  return namespace?.lookaside || namespace?.sigstore || '';
}

/** Of all files, by scope; '' is `default-docker`. */
async function readFolder(folder: string): Promise<Map<string, Namespace>> {
  const all = new Map<string, Namespace>();
  const origins = new Map<string, string>();
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (!name.endsWith('.yaml')) continue;
    const path = `${folder}/${name}`;
    for (const [scope, namespace] of await readFile(path)) {
      const known = origins.get(scope);
      if (known !== undefined) {
        const what = scope === '' ? '"default-docker"' : `"docker" namespace "${scope}"`;
        throw new TspodError(
          'BAD_CONFIG',
          `Error parsing signature storage configuration: ${what} defined both in "${known}" and "${path}"`,
        );
      }
      origins.set(scope, path);
      all.set(scope, namespace);
    }
  }
  return all;
}

async function readFile(path: string): Promise<[scope: string, Namespace][]> {
  try {
    const text = readFileSync(path, 'utf8');
    // Distributions ship files of comments: no need to load a parser for them.
    if (!/^[ \t]*[^\s#]/m.test(text)) return [];
    const { parse } = await import('yaml');
    const { 'default-docker': fallback, docker } = mapping(parse(text, { maxAliasCount: 100 }) ?? {});
    const scopes = Object.entries(mapping(docker ?? {}));
    if (fallback !== undefined && fallback !== null) scopes.push(['', fallback]);
    return scopes.map(([scope, value]) => [scope, namespaceOf(value ?? {})]);
  } catch (error) {
    const reason = messageOf(error).split('\n')[0];
    throw new TspodError('BAD_CONFIG', `parsing ${path}: ${reason}`, { cause: error });
  }
}

function namespaceOf(value: unknown): Namespace {
  const fields = mapping(value);
  for (const key of textKeys) {
    if (fields[key] !== undefined && typeof fields[key] !== 'string') throw new Error(`"${key}" is no text`);
  }
  const attachments = fields['use-sigstore-attachments'];
  if (attachments !== undefined && typeof attachments !== 'boolean') {
    throw new Error('"use-sigstore-attachments" is neither true nor false');
  }
  return fields;
}

function mapping(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error('a mapping is expected');
}

function defaultLookaside(): string {
  const folder = callerUid() === 0 ? '/var/lib/containers' : `${homedir()}/.local/share/containers`;
  return `file://${folder}/sigstore`;
}
