import { defineConfig } from 'rolldown';

// One chunk per command: every `import()` in src/commands/index.ts starts a chunk of its own, so that a call parses
// only what it runs. Dependencies are bundled too: a start costs no look-ups in node_modules.
export default defineConfig({
  input: { main: 'src/main.ts', index: 'src/index.ts' },
  platform: 'node',
  external: [/\.node$/],
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
