import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineConfig, type InputOptions, type OutputOptions, type Plugin } from 'rolldown';

/**
 * Built-in modules that take milliseconds to load (crypto 4, child_process 2, net 2, zlib 2) are loaded when they are
 * first used, not when a file that could need them is.
 */
const lateBuiltins: Plugin = {
  name: 'late-builtins',
  renderChunk(code, _chunk, { format }) {
    if (format !== 'cjs') return null;
    const heavy =
      /^let (\w+) = (require\("node:(?:child_process|crypto|http|https|module|net|os|sqlite|stream|stream\/promises|timers\/promises|tls|zlib)"\));$/gm;
    return code.replace(heavy, 'const $1 = new Proxy({}, { get: (_, key) => $2[key] });');
  },
};

/** One letter outside of ASCII makes V8 keep, copy and hash the whole file with two bytes a letter. */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replace(/[^\x00-\x7f]/g, escaped);
    }
  },
};

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const common: InputOptions = {
  platform: 'node',
  external: [/\.node$/],
  plugins: [lateBuiltins, asciiOnly],
  treeshake: true,
  // What one of the two bundles loads late, the other may need at once.
  checks: { ineffectiveDynamicImport: false },
};

/** What every call needs, in one chunk that depends on no other. */
const base =
  /\/src\/(errors|cli\/(argv|command|context|exit-code|flag|flag-value|globals|logging|lookup|operand-count|output|program|run|version))\.ts$|rolldown\/runtime/;

/**
 * What a `run` reads, in one file: it loads in a quarter of the time of thirty, and what else commands on containers
 * share would double it.
 */
const ofRun = importedBy(['src/commands/run.ts', 'src/engine.ts'].map((path) => resolve(import.meta.dirname, path)));

/** What other commands on containers share. Pods stay out of it: few containers are in one. */
const core =
  /\/src\/((runtime\/(?!pod\/)|storage\/|system\/|config\/|oci\/).*|image\/lookup|registry\/(reference|names))\.ts$/;

/** The sources that these need to be loaded, themselves included: by imports that are neither late nor of types alone. */
function importedBy(paths: string[]): Set<string> {
  const found = new Set(paths);
  for (const path of found) {
    const text = readFileSync(path, 'utf8');
    for (const [, name = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)';$/gm)) {
      found.add(resolve(dirname(path), name));
    }
  }
  return found;
}

/** One chunk per command: every `import()` in src/commands/index.ts starts one, so that a call parses what it runs. */
function output(format: 'cjs' | 'esm', extension: string): OutputOptions {
  return {
    dir: process.env['TSPOD_DIST'] ?? 'dist',
    format,
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `chunks/[name]-[hash].${extension}`,
    codeSplitting: {
      groups: [
        { name: 'base', test: base, priority: 1 },
        { name: 'run', test: (id) => ofRun.has(id), minShareCount: 2 },
        { name: 'core', test: core, minShareCount: 3 },
      ],
    },
    minify: { mangle: { keepNames: true }, compress: true, codegen: { removeWhitespace: true } },
    sourcemap: false,
  };
}

// Dependencies are bundled too: a start costs no look-ups in node_modules. The program is CommonJS because Node's
// module loader for ESM costs 4 ms at every start (hence no top-level await in src); the library is ESM.
const program = { ...common, input: { program: 'src/main.ts' }, output: output('cjs', 'cjs') };
const boot = {
  ...common,
  input: { main: 'src/boot/main.ts' },
  output: { ...output('cjs', 'cjs'), codeSplitting: false },
};
const library = { ...common, input: { index: 'src/index.ts' }, output: output('esm', 'js') };

export default defineConfig([program, boot, ...(existsSync('src/index.ts') ? [library] : [])]);
