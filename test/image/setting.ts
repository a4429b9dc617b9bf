/** A store, a lying registry and a configuration that points at it: what tests of images need. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageContext } from '../../src/image/context.ts';
import type { CopyEvent } from '../../src/image/events.ts';
import { type PullOptions, pullImage } from '../../src/image/pull.ts';
import { type LyingRegistry, startLyingRegistry } from '../registry/lying-registry.ts';
import { newTestStore, type TestStore } from '../storage/helper.ts';

type TestPullOptions = Omit<PullOptions, 'tlsVerify'> & { tlsVerify?: boolean | 'registries.conf' };

export interface Setting extends ImageContext {
  store: TestStore['open'] extends () => infer S ? S : never;
  files: TestStore;
  registry: LyingRegistry;
  events: CopyEvent[];
  /** Pulls over plain HTTP with fast retries. */
  pull(name: string, options?: TestPullOptions): ReturnType<typeof pullImage>;
  /** What lies in the store: records, and folders that no record knows. */
  leftovers(): { images: number; layers: number; folders: string[] };
  close(): Promise<void>;
}

export async function newSetting(registries = ''): Promise<Setting> {
  const files = newTestStore();
  const registry = await startLyingRegistry();
  const conf = join(files.dir, 'registries.conf');
  writeFileSync(conf, registries.replaceAll('HOST', registry.host));
  const authFile = join(files.dir, 'auth.json');
  const events: CopyEvent[] = [];
  const context = { store: files.open(), systemContext: { registriesConf: conf, authFile } };
  return {
    ...context,
    files,
    registry,
    events,
    pull(name, { tlsVerify = false, ...options } = {}) {
      const tls = tlsVerify === 'registries.conf' ? {} : { tlsVerify };
      return pullImage(context, name, { retryDelay: 1, onProgress: (event) => events.push(event), ...tls, ...options });
    },
    leftovers: () => leftovers(files),
    close: async () => {
      await registry.close();
      await files.cleanup();
    },
  };
}

function leftovers(files: TestStore) {
  const store = files.open();
  const list = (path: string) => {
    try {
      return readdirSync(join(files.root, path));
    } catch {
      return [];
    }
  };
  const known = new Set(store.layers().map((layer) => layer.id));
  const layers = list('overlay').filter((name) => /^[0-9a-f]{64}$/.test(name) && !known.has(name));
  const staged = [...list('overlay/tempdirs'), ...list('overlay-layers/tmp')];
  return { images: store.images().length, layers: store.layers().length, folders: [...layers, ...staged] };
}
