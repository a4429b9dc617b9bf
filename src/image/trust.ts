/** policy.json shown and changed: `image trust`. */
import { existsSync, readFileSync } from 'node:fs';
import { policyFile, readPolicyFile } from '../config/policy.ts';
import { configuredLookaside } from '../config/registries-d.ts';
import { messageOf, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { gpgIds } from './signature/gpg-ids.ts';
import { loadPolicy } from './signature/policy.ts';
import { isObject, type JsonObject, parseStrict } from './signature/strict-json.ts';

export interface TrustRow {
  transport: string;
  name: string;
  repo_name: string;
  sigstore?: string;
  type: string;
  gpg_id?: string;
}

export interface TrustEntry {
  /** `default` or a scope of a transport. */
  scope: string;
  /** `accept`, `reject`, `signedBy`, `sigstoreSigned` or `insecureAcceptAnything`. */
  type: string;
  /** Files of public keys: one of each has to have signed. */
  keys: string[];
}

/** The file that `image trust` reads and changes. */
export function trustFile(): string {
  return policyFile() ?? '/etc/containers/policy.json';
}

/**
 * One row per requirement.
 *
 * @param folder registries.d, when it is not the user's or the system's
 * @throws TspodError BAD_CONFIG, MISSING_PROGRAM
 */
export async function trustRows(file: string, folder?: string): Promise<TrustRow[]> {
  loadPolicy(file);
  const { default: fallback, transports = {} } = parseStrict(readPolicyFile(file), 'policy');
  const all = { transport: 'all', name: '* (default)', repo_name: 'default' };
  const rows = await rowsOf(all, fallback, await configuredLookaside([], folder));
  for (const [transport, scopes] of sorted(transports)) {
    for (const [scope, requirements] of sorted(scopes)) {
      const shown = { transport: transport === 'docker' ? 'repository' : transport, name: scope, repo_name: scope };
      rows.push(...(await rowsOf(shown, requirements, await configuredLookaside(scopesAbove(scope), folder))));
    }
  }
  return rows;
}

/** Sets the requirements of one scope. @throws TspodError BAD_ARGUMENT, BAD_CONFIG, NO_PERMISSION */
export function setTrust(file: string, entry: TrustEntry): void {
  const policy: JsonObject = existsSync(file) ? parseStrict(readFileSync(file, 'utf8'), `policy "${file}"`) : {};
  const requirements = requirementsOf(entry);
  const changed =
    entry.scope === 'default' ? { ...policy, default: requirements } : withScope(policy, entry, requirements);
  try {
    writeFileAtomic(file, JSON.stringify(changed, null, 4), { mode: 0o644 });
  } catch (error) {
    throw new TspodError('NO_PERMISSION', `setting trust policy: ${messageOf(error)}`, { cause: error });
  }
}

function withScope(policy: JsonObject, { scope }: TrustEntry, requirements: object[]): JsonObject {
  if (policy['default'] === undefined) throw bad('default trust policy must be set');
  const transports = isObject(policy['transports']) ? policy['transports'] : {};
  const known = Object.entries(transports).find(([, scopes]) => isObject(scopes) && Object.hasOwn(scopes, scope));
  const transport = known?.[0] ?? 'docker';
  const scopes = transports[transport];
  const changed = { ...(isObject(scopes) ? scopes : {}), [scope]: requirements };
  return { ...policy, transports: { ...transports, [transport]: changed } };
}

function requirementsOf({ type, keys }: TrustEntry): object[] {
  const full = type === 'accept' ? 'insecureAcceptAnything' : type;
  if (full === 'insecureAcceptAnything' || full === 'reject') {
    if (keys.length === 0) return [{ type: full }];
    throw bad(`${keys.length} public keys unexpectedly provided for trust type ${type}`);
  }
  if (full !== 'signedBy' && full !== 'sigstoreSigned') throw bad(`unknown trust type "${type}"`);
  if (keys.length === 0) throw bad(`at least one public key must be defined for type '${full}'`);
  const keyType = full === 'signedBy' ? { keyType: 'GPGKeys' } : {};
  return keys.map((keyPath) => ({ type: full, ...keyType, keyPath }));
}

const words: Record<string, string> = { insecureAcceptAnything: 'accept', signedBy: 'signed' };

async function rowsOf(
  shown: Pick<TrustRow, 'transport' | 'name' | 'repo_name'>,
  requirements: unknown,
  lookaside: string,
): Promise<TrustRow[]> {
  const rows: TrustRow[] = [];
  for (const requirement of Array.isArray(requirements) ? requirements.filter(isObject) : []) {
    const type = String(requirement['type']);
    const ids = type === 'signedBy' ? (await gpgIds(requirement)).join(', ') : type === 'sigstoreSigned' ? 'N/A' : '';
    rows.push({
      ...shown,
      ...(lookaside ? { sigstore: lookaside } : {}),
      type: words[type] ?? type,
      ...(ids ? { gpg_id: ids } : {}),
    });
  }
  return rows;
}

function scopesAbove(scope: string): string[] {
  const parts = scope.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}

function sorted(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
