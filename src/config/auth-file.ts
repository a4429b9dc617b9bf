/** The files with credentials: which ones count, and their JSON (containers-auth.json(5)). */
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { messageOf, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { callerUid } from './rootless.ts';

export interface AuthEntry {
  auth?: string;
  identitytoken?: string;
}

export interface AuthFile {
  auths?: Record<string, AuthEntry>;
  credHelpers?: Record<string, string>;
  [other: string]: unknown;
}

/** The file that `login` and `logout` change. */
export function writablePath(authFile?: string): string {
  const docker = process.env['DOCKER_CONFIG'];
  return authFile ?? process.env['REGISTRY_AUTH_FILE'] ?? (docker ? `${docker}/config.json` : runtimeAuthFile());
}

/** Where credentials are looked for, in order. */
export function readablePaths(authFile?: string): string[] {
  const only = authFile ?? process.env['REGISTRY_AUTH_FILE'];
  if (only) return [only];
  // Who sets DOCKER_CONFIG means that folder and no other, as with Podman.
  const docker = process.env['DOCKER_CONFIG'];
  if (docker) return [`${docker}/config.json`];
  const home = homedir();
  const config = process.env['XDG_CONFIG_HOME'] ?? `${home}/.config`;
  return [runtimeAuthFile(), `${config}/containers/auth.json`, `${home}/.docker/config.json`, `${home}/.dockercfg`];
}

function runtimeAuthFile(): string {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  if (runtime) return `${runtime}/containers/auth.json`;
  return `/run/containers/${callerUid()}/auth.json`;
}

/** Null when there is none. @throws TspodError BAD_CONFIG */
export function readAuthFile(path: string): AuthFile | null {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  if (content.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed !== 'object' || parsed === null) throw new Error('no JSON object');
    const legacy = path.endsWith('/.dockercfg');
    return legacy ? { auths: parsed as Record<string, AuthEntry> } : (parsed as AuthFile);
  } catch (error) {
    throw new TspodError('BAD_CONFIG', `reading JSON file "${path}": ${messageOf(error)}`, { cause: error });
  }
}

export function writeAuthFile(path: string, file: AuthFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileAtomic(path, `${JSON.stringify(file, null, '\t')}`, { mode: 0o600 });
}
