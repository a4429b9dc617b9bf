import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';

const entries = { main: 'src/main.ts', index: 'src/index.ts' };

/** A module that nobody has written yet is empty: the rest of the bundle can be tried meanwhile. */
const stubs: Plugin = {
  name: 'stubs',
  resolveId(source, importer) {
    if (!importer || !source.startsWith('.')) return null;
    const file = resolve(dirname(importer), source);
    return existsSync(file) ? null : `\0stub:${file}`;
  },
  load(id) {
    if (!id.startsWith('\0stub:')) return null;
    this.warn(`missing: ${id.slice(6)}`);
    return 'export {};';
  },
};

// One chunk per command: every `import()` in src/commands/index.ts starts a chunk of its own, so that a call parses
// only what it runs. Dependencies are bundled too: a start costs no look-ups in node_modules.
export default defineConfig({
  input: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
  platform: 'node',
  external: [/\.node$/],
  plugins: [stubs],
  shimMissingExports: true,
  treeshake: true,
  output: {
    dir: process.env['TSPOD_DIST'] ?? 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: false,
    sourcemap: false,
  },
});
