/**
 * The entry of the bundle: loads its chunks with the code that V8 compiled in earlier calls. Node's loader would ask
 * the file system six things a chunk, and compile each function again.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { constants, Script } from 'node:vm';
import { CodeCache, writeCodeCache } from './code-cache.ts';

type Load = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  filename: string,
  dirname: string,
) => void;

interface Chunk {
  name: string;
  script: Script;
  source: string;
  /** Bytes of code that came from the cache; 0: compiled now. */
  cached: number;
}

const program = 'program.cjs';
/** Commands that have a cache of their own; all others share one. */
const frequent = new Set(
  'ps images inspect version info run create start stop rm exec logs wait kill pull rmi container image'.split(' '),
);
/** One call of so many looks whether functions were compiled that the cache lacks. */
const lookEvery = 16;
/** The cache is written anew when it would grow by so many bytes: some functions. */
const worthwhile = 2048;

const home = import.meta.dirname;
const folder = process.env['TSPOD_CODE_CACHE'] ?? '';
delete process.env['TSPOD_CODE_CACHE'];
const command = process.argv.slice(2).find((word) => frequent.has(word)) ?? 'other';
const path = `${folder}/${command}-${process.version}`;
const stamp = stampOf(`${home}/${program}`);
const cache = folder ? CodeCache.open(path, stamp) : null;
const chunks: Chunk[] = [];
const loaded = new Map<string, { exports: object }>();

if (folder) process.once('exit', keep);
load(program, home);

function load(name: string, dir: string): object {
  const known = loaded.get(name);
  if (known) return known.exports;
  const module = { exports: {} };
  loaded.set(name, module);
  const filename = `${dir}/${name}`;
  const run = compile(name, filename).runInThisContext() as Load;
  run(module.exports, requireFrom, module, filename, dir);
  return module.exports;
}

/** Chunks are told from modules by their names: all lie in one folder, and the program beside it. */
function requireFrom(name: string): unknown {
  if (name.startsWith('./') || name.startsWith('../')) return load(basename(name), `${home}/chunks`);
  return require(name);
}

function compile(name: string, filename: string): Script {
  const hit = cache?.get(name);
  const source =
    hit?.source ?? `(function(exports,require,module,__filename,__dirname){${readFileSync(filename, 'latin1')}\n})`;
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER; // of Node's own modules
  const script = new Script(source, { filename, importModuleDynamically, ...(hit && { cachedData: hit.code }) });
  chunks.push({ name, script, source, cached: hit && !script.cachedDataRejected ? hit.code.length : 0 });
  return script;
}

/** The bundle is replaced as a whole: its first file tells one build from another. */
function stampOf(file: string): string {
  const { mtimeMs, size } = statSync(file);
  return `${mtimeMs} ${size}`;
}

function keep(): void {
  const lacking = chunks.some(({ cached }) => cached === 0);
  if (!lacking && process.pid % lookEvery !== 0) return;
  const fresh = chunks.map(({ name, script, source }) => ({ name, source, code: script.createCachedData() }));
  const size = fresh.reduce((sum, { code }) => sum + code.length, 0);
  const before = chunks.reduce((sum, { cached }) => sum + cached, 0);
  if (lacking || size > before + worthwhile) writeCodeCache(folder, path, stamp, fresh);
}
