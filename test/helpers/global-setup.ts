/** Once per test run: the fixture images, in one real registry that all tests share (read-only for them). */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { pushFixtures } from '../fixtures/push.ts';
import { startRegistry } from './registry.ts';
import { binary } from './tspod.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `127.0.0.1:PORT` of the registry with library/busybox, library/nginx and others. */
    registry: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(dirname(binary), '../dist/main.cjs'))) throw new Error('not built: run scripts/build');
  const registry = await startRegistry();
  await pushFixtures(registry.url);
  project.provide('registry', registry.host);
  return registry.stop;
}
