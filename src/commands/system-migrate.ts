import { defineCommand } from '../cli/command.ts';
import { endHolder } from '../runtime/holder.ts';
import { chooseRuntime } from '../runtime/options/choose-runtime.ts';
import { stopContainer } from '../runtime/stop.ts';
import { updateContainer } from '../runtime/update.ts';

export default defineCommand({
  usage: 'migrate [options]',
  describe: 'Migrate containers',
  long: 'Stops all containers, and for users who are not root the process that keeps their namespaces: the next command reads /etc/subuid and /etc/subgid again.',
  flags: {
    'migrate-db': {
      type: 'boolean',
      describe: 'Migrate database from BoltDB to SQLite',
      unsupported: 'tspod has only ever had SQLite',
    },
    'new-runtime': { type: 'string', describe: 'Specify a new runtime for all containers' },
  },

  async handler({ newRuntime }, { engine, stdout }) {
    const runtime = newRuntime ? chooseRuntime(newRuntime, engine.conf) : null;
    for (const { config } of engine.state.list()) {
      if ((await stopContainer(engine, config.id)) === 'stopped') stdout(`stopped ${config.id}\n`);
      if (!runtime || !engine.state.get(config.id)) continue;
      await updateContainer(engine, config.id, (old) => ({ ...old, runtime: runtime.path, runtimeName: runtime.name }));
    }
    endHolder();
  },
});
