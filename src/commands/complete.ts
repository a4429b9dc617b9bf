/** `__complete` and `__completeNoDesc`: what completion scripts call, see cli/completion/complete.ts. */
import { readdirSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { complete } from '../cli/completion/complete.ts';
import { type Completions, type Names, NO_FILES, NO_SPACE } from '../cli/completion/protocol.ts';
import { loadRegistriesConf } from '../config/registries-conf.ts';
import type { Engine } from '../engine.ts';
import { loadNetworks } from '../network/network-store.ts';
import type { Container } from '../runtime/container.ts';
import { allPods } from '../runtime/pod/pods.ts';

export default defineCommand({
  usage: '__complete WORD [WORD...]',
  describe: 'Request shell completion choices for the specified command-line',
  hidden: true,
  raw: true,
  flags: {},
  operands: { min: 1 },
  async handler({ operands }, { engine, path, table, stdout, stderr }) {
    const result = await complete(table, operands, existingNames(engine));
    const describes = path === '__complete';
    const lines = result.candidates.map(({ text, description }) =>
      describes && description ? `${text}\t${description}` : text,
    );
    stdout(`${[...lines, `:${result.directive}`].join('\n')}\n`);
    stderr(`Completion ended with directive: ${directiveNames(result)}\n`);
  },
});

function directiveNames({ directive }: Completions): string {
  const names = [];
  if (directive & NO_SPACE) names.push('ShellCompDirectiveNoSpace');
  if (directive & NO_FILES) names.push('ShellCompDirectiveNoFileComp');
  return names.join(', ') || 'ShellCompDirectiveDefault';
}

/** A store that cannot be read offers nothing: an error in the middle of typing helps nobody. */
function existingNames(engine: Engine): Names {
  return {
    containers: (which) =>
      orNothing(() =>
        engine.state
          .list()
          .filter((one) => fits(one, which))
          .map(({ config }) => config),
      ),
    images: () => orNothing(() => engine.store.images().map(({ id, names }) => ({ id, names: names ?? [] }))),
    networks: () => orNothing(() => loadNetworks(engine.networkContext).map(({ name }) => name)),
    pods: () => orNothing(() => allPods(engine.state)),
    volumes: () => orNothing(() => engine.store.volumes().map(({ name }) => name)),
    registries: () => orNothing(() => loadRegistriesConf().searchRegistries),
    sysctls: (prefix) => orNothing(() => sysctls(prefix)),
    interfaces: () => orNothing(() => readdirSync('/sys/class/net')),
  };
}

function orNothing<T>(list: () => T[]): T[] {
  try {
    return list();
  } catch {
    return [];
  }
}

/** One level of /proc/sys below what was typed: folders end with a dot. */
function sysctls(prefix: string): string[] {
  const above = prefix.slice(0, prefix.lastIndexOf('.') + 1);
  const entries = readdirSync(`/proc/sys/${above.replaceAll('.', '/')}`, { withFileTypes: true });
  return entries.map((entry) => `${above}${entry.name}${entry.isDirectory() ? '.' : '='}`);
}

function fits({ state }: Container, which: Parameters<Names['containers']>[0]): boolean {
  if (which === 'all') return true;
  if (which === 'startable') return state.status !== 'running' && state.status !== 'paused';
  return state.status === which;
}
