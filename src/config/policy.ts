/**
 * policy.json: which images may be used at all. Signatures are not checked yet, so a policy that
 * asks for them refuses, and never lets an image pass.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { messageOf, TspodError } from '../errors.ts';

interface Requirement {
  type?: string;
}

interface Policy {
  default?: Requirement[];
  transports?: Record<string, Record<string, Requirement[]>>;
}

/** What a policy is asked about: an image of a registry. */
export interface PolicySubject {
  domain: string;
  path: string;
  tag: string;
  digest: string;
}

/**
 * Passes, or throws.
 *
 * @throws TspodError POLICY for a rejected image, UNSUPPORTED when signatures are asked for, BAD_CONFIG
 */
export function checkPolicy(subject: PolicySubject, file: string | null = policyFile()): void {
  // Podman refuses to work without the file; a fresh machine has none, and no file asks for nothing.
  if (file === null) return;
  const policy = readPolicy(file);
  const { domain, path, tag, digest } = subject;
  const name = `docker://${domain}/${path}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
  for (const { type } of requirementsFor(policy, subject)) {
    if (type === 'insecureAcceptAnything') continue;
    if (type === 'reject') {
      throw new TspodError('POLICY', `source image rejected: running image ${name} is rejected by policy`);
    }
    throw new TspodError('UNSUPPORTED', `policy "${file}" requires "${type}" for ${name}: not supported by tspod yet`);
  }
}

function requirementsFor(policy: Policy, subject: PolicySubject): Requirement[] {
  const scopes = policy.transports?.['docker'] ?? {};
  for (const scope of scopesOf(subject)) {
    const requirements = scopes[scope];
    if (requirements) return requirements;
  }
  return scopes[''] ?? policy.default ?? [{ type: 'reject' }];
}

/** Most specific first: the full name, the repository, its parents, the host, wildcards of its domain. */
function scopesOf({ domain, path, tag, digest }: PolicySubject): string[] {
  const repository = `${domain}/${path}`;
  const scopes = [repository + (digest ? `@${digest}` : `:${tag}`)];
  for (
    let scope = repository;
    scope !== '';
    scope = scope.includes('/') ? scope.slice(0, scope.lastIndexOf('/')) : ''
  ) {
    scopes.push(scope);
  }
  const labels = (domain.split(':')[0] ?? '').split('.');
  for (let index = 1; index < labels.length; index += 1) scopes.push(`*.${labels.slice(index).join('.')}`);
  return scopes;
}

function policyFile(): string | null {
  const chosen = process.env['CONTAINERS_POLICY_JSON'];
  if (chosen) return chosen;
  const user = `${process.env['XDG_CONFIG_HOME'] ?? `${homedir()}/.config`}/containers/policy.json`;
  const candidates = [user, '/etc/containers/policy.json', '/usr/share/containers/policy.json'];
  return candidates.find((path) => existsSync(path)) ?? null;
}

function readPolicy(file: string): Policy {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Policy;
  } catch (error) {
    throw new TspodError('BAD_CONFIG', `invalid policy in "${file}": ${messageOf(error)}`, { cause: error });
  }
}
