/** policy.json: what is asked of an image before it may be used (containers-policy.json(5)). */
import { policyFile, readPolicyFile } from '../../config/policy.ts';
import { messageOf, TspodError } from '../../errors.ts';
import { parseRequirement, type Requirement } from './requirement.ts';
import { isObject, type JsonObject, knownKeys, parseStrict } from './strict-json.ts';

export interface Policy {
  file: string;
  default: Requirement[];
  /** Transport to scope to requirements; the scope '' is the transport's own default. */
  transports: Map<string, Map<string, Requirement[]>>;
}

/**
 * Reads and checks the whole policy, also the parts that are not asked for.
 *
 * @param file default: the one that holds for this user
 * @returns null when there is no file: then nothing is asked of images
 * @throws TspodError BAD_CONFIG naming the file
 */
export function loadPolicy(file: string | null = policyFile()): Policy | null {
  if (file === null) return null;
  const text = readPolicyFile(file);
  try {
    return { file, ...parsePolicy(text) };
  } catch (error) {
    throw new TspodError('BAD_CONFIG', `invalid policy in "${file}": ${messageOf(error)}`, { cause: error });
  }
}

/** The requirements of the most specific scope. @param scopes most specific first */
export function requirementsFor(policy: Policy, transport: string, scopes: readonly string[]): Requirement[] {
  const known = policy.transports.get(transport);
  const scope = [...scopes, ''].find((name) => known?.has(name));
  return (scope === undefined ? undefined : known?.get(scope)) ?? policy.default;
}

function parsePolicy(text: string): Omit<Policy, 'file'> {
  const fields = parseStrict(text, 'policy');
  knownKeys(fields, ['default', 'transports'], 'policy');
  if (fields['default'] === undefined) throw bad('Default policy is missing');
  const transports = Object.entries(objectOf(fields['transports'] ?? {}));
  return {
    default: requirements(fields['default']),
    transports: new Map(transports.map(([transport, scopes]) => [transport, scopesOf(transport, scopes)])),
  };
}

function scopesOf(transport: string, value: unknown): Map<string, Requirement[]> {
  const entries = Object.entries(objectOf(value));
  for (const [scope] of entries) if (scope !== '') checkScope(transport, scope);
  return new Map(entries.map(([scope, list]) => [scope, requirements(list)]));
}

/** A scope that can match nothing is a mistake, and perhaps one that was meant to reject. */
function checkScope(transport: string, scope: string): void {
  const isPath = transport === 'dir' || transport === 'oci' || transport === 'oci-archive';
  const canonical = scope.startsWith('/') && scope !== '/' && !/\/\/|\/\.{1,2}(\/|$)|\/$/.test(scope);
  if (isPath && !canonical) throw bad(`Invalid scope ${JSON.stringify(scope)}: Must be an absolute path`);
  if (transport === 'containers-storage' && !/^\[(?:[^@\]]+@)?\/[^\]]*\]/.test(scope)) {
    throw bad(`Invalid scope ${JSON.stringify(scope)}`);
  }
  if (transport === 'docker-archive') {
    throw bad('docker-archive: does not support any scopes except the default "" one');
  }
  if (transport === 'docker-daemon' && /^[a-z0-9]+:[0-9a-f]{32,}$/.test(scope)) {
    throw bad(`docker-daemon: can not use algo:digest value ${scope} as a namespace`);
  }
}

function requirements(value: unknown): Requirement[] {
  if (!Array.isArray(value)) throw bad('a list of requirements is expected');
  if (value.length === 0) throw bad('List of verification policy requirements must not be empty');
  return value.map(parseRequirement);
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw bad('JSON object expected');
}

function bad(reason: string): TspodError {
  return new TspodError('BAD_CONFIG', reason);
}
