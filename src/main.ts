/** The composition root: the only file that knows cli, commands and engine together. */
import { resolve } from 'node:path';
import type { Program } from './cli/program.ts';
import { run } from './cli/run.ts';
import { PODMAN_VERSION } from './cli/version.ts';
import { commands } from './commands/index.ts';

const name = process.env['TSPOD_NAME'] ?? 'tspod';
// From the launcher, for this process alone.
delete process.env['TSPOD_NAME'];

const program: Program = {
  name,
  table: commands,
  launcher: resolve(import.meta.dirname, '../bin/tspod'),
  version: PODMAN_VERSION,
  async isKnownElsewhere(path) {
    const { isKnownCommand } = await import('./commands/known.ts');
    return isKnownCommand(path);
  },
  async loadEngine() {
    const { Engine } = await import('./engine.ts');
    return (options) => new Engine(options);
  },
};

/** Under the name of skopeo it is one. */
const runLine =
  name === 'skopeo'
    ? async (argv: string[]) => (await import('./commands/skopeo/main.ts')).runSkopeo(argv, program)
    : (argv: string[]) => run(argv, program);

runLine(process.argv.slice(2)).then((exitCode) => {
  // Output is written synchronously. An orderly end would wait for monitors that run on, and checkpoint the database.
  process.exit(exitCode);
});
