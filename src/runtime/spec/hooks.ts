/** OCI hooks of the machine: oci-hooks(5), version 1.0.0. Most machines have none. */
import { readdirSync, readFileSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';
import type { Hook, Hooks } from '../../oci/runtime-spec.ts';
import type { SpecInput } from './input.ts';

interface HookFile {
  version?: string;
  hook: Hook;
  when?: { always?: boolean; annotations?: Record<string, string>; commands?: string[]; hasBindMounts?: boolean };
  stages: (keyof Hooks)[];
}

/** The hooks whose conditions fit, by stage; null when there are none. A later folder replaces a file of the same name. */
export function hooksFor(input: SpecInput): Hooks | null {
  const files = new Map<string, string>();
  for (const folder of input.conf.engine.hooksDir) {
    for (const name of jsonFilesIn(folder)) files.set(name, `${folder}/${name}`);
  }
  if (files.size === 0) return null;
  const hooks: Hooks = {};
  for (const [, path] of [...files].sort()) {
    const file = readHook(path);
    if (!fits(file, input)) continue;
    for (const stage of file.stages) hooks[stage] = [...(hooks[stage] ?? []), file.hook];
  }
  return Object.keys(hooks).length > 0 ? hooks : null;
}

function jsonFilesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}

function readHook(path: string): HookFile {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as HookFile;
    if (file.version !== '1.0.0') throw new Error(`unrecognized hook version: "${file.version ?? ''}"`);
    if (typeof file.hook?.path !== 'string' || !Array.isArray(file.stages)) throw new Error('missing hook or stages');
    return file;
  } catch (cause) {
    throw new TspodError('BAD_CONFIG', `parsing hook "${path}": ${messageOf(cause)}`, { cause });
  }
}

function fits({ when = {} }: HookFile, { config }: SpecInput): boolean {
  const conditions: boolean[] = [];
  if (when.always !== undefined) conditions.push(when.always);
  if (when.hasBindMounts !== undefined)
    conditions.push(config.mounts.some((m) => m.type === 'bind') === when.hasBindMounts);
  if (when.commands) {
    const command = [...config.entrypoint, ...config.command][0] ?? '';
    conditions.push(when.commands.some((pattern) => new RegExp(pattern).test(command)));
  }
  for (const [key, value] of Object.entries(when.annotations ?? {})) {
    conditions.push(
      Object.entries(config.annotations).some(([k, v]) => new RegExp(key).test(k) && new RegExp(value).test(v)),
    );
  }
  return conditions.length > 0 && conditions.every(Boolean);
}
