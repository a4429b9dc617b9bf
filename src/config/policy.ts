/** Where policy.json lies. What it says, and whether an image fits it, is for `image/signature`. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { messageOf, TspodError } from '../errors.ts';

/** The policy.json that holds for this user; null when there is none. */
export function policyFile(): string | null {
  const chosen = process.env['CONTAINERS_POLICY_JSON'];
  if (chosen) return chosen;
  const user = `${process.env['XDG_CONFIG_HOME'] ?? `${homedir()}/.config`}/containers/policy.json`;
  const candidates = [user, '/etc/containers/policy.json', '/usr/share/containers/policy.json'];
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** @throws TspodError BAD_CONFIG */
export function readPolicyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TspodError('BAD_CONFIG', `reading policy "${file}": ${messageOf(error)}`, { cause: error });
  }
}
