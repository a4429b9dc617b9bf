/** The spec that a command line ends in, on a machine that the test describes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Spec } from '../../../src/oci/runtime-spec.ts';
import { buildConfig } from '../../../src/runtime/options/build-config.ts';
import { generateSpec, type SpecInput } from '../../../src/runtime/spec/generate.ts';
import { type CommandLine, commandLine } from '../options/command-line.ts';

const folders: string[] = [];

/** A folder with these files; links are values that start with `->`. */
export function rootfsWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'tspod-spec-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

export function removeRootfs(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

export async function specInput(argv: string[], more: CommandLine & Partial<SpecInput> = {}): Promise<SpecInput> {
  const input = commandLine(argv, { ...(more.image && { image: more.image }), ...more } as CommandLine);
  const { host: _host, image: _image, conf: _conf, ...changes } = more;
  return {
    config: await buildConfig(input),
    rootfs: more.rootfs ?? rootfsWith({ 'etc/passwd': 'root:x:0:0::/root:/bin/sh\n', 'etc/group': 'root:x:0:\n' }),
    image: null,
    files: {},
    netnsPath: null,
    joinPids: {},
    conf: input.conf,
    host: input.host,
    volumeDir: '/volumes',
    cgroupManager: 'cgroupfs',
    ...changes,
  };
}

export async function specOf(argv: string[], more: CommandLine & Partial<SpecInput> = {}): Promise<Spec> {
  return generateSpec(await specInput(argv, more));
}
