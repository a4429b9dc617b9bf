import { type Context, defineCommand } from '../cli/command.ts';
import { printJson } from '../cli/json.ts';
import { hasCode, TspodError } from '../errors.ts';
import { resolveImage } from '../image/lookup.ts';
import { latestContainer } from '../runtime/select.ts';
import type { Change } from '../storage/changes.ts';

export default defineCommand({
  usage: 'diff [options] CONTAINER|IMAGE',
  describe: "Display the changes to the object's file system",
  long: 'Displays changes to a container or image file system: what its own layer adds, changes and deletes.',
  flags: {
    format: { type: 'string', describe: 'Change the output format (json)', complete: 'none' },
    latest: { type: 'boolean', alias: 'l', describe: 'Act on the latest container podman is aware of' },
  },
  operands: { max: 1, complete: 'containers' },
  examples: ['diff imageID', 'diff ctrID', 'diff --format json redis:alpine'],

  async handler({ format, latest, operands }, context) {
    if (format && format !== 'json') {
      throw new TspodError('BAD_ARGUMENT', "only supported value for '--format' is 'json'");
    }
    const [name] = operands;
    if (latest && name !== undefined) {
      throw new TspodError('BAD_ARGUMENT', '--latest and containers cannot be used together');
    }
    if (!latest && name === undefined) throw new TspodError('BAD_ARGUMENT', 'container must be specified');
    const layer = latest ? ofContainer(latestContainer(context.engine).config.id, context) : find(name ?? '', context);
    const all = layer === '' ? [] : await context.engine.store.layerChanges(layer);
    const changes = all.filter(({ path }) => !ours.has(path));
    context.stdout(format ? json(changes) : changes.map(line).join(''));
  },
});

/** Places that every container has from the engine. */
const ours = new Set([
  ...['/dev', '/proc', '/sys', '/run', '/run/notify', '/run/.containerenv', '/run/secrets', '/run/podman-init'],
  ...['/etc/hostname', '/etc/hosts', '/etc/resolv.conf', '/etc/mtab'],
]);

const letters = { added: 'A', changed: 'C', deleted: 'D' } as const;

function line({ kind, path }: Change): string {
  return `${letters[kind]} ${path}\n`;
}

function json(changes: Change[]): string {
  const lists: Record<string, string[]> = {};
  for (const kind of ['changed', 'added', 'deleted'] as const) {
    const paths = changes.filter((change) => change.kind === kind).map(({ path }) => path);
    if (paths.length > 0) lists[kind] = paths;
  }
  return `${printJson(lists, { indent: '     ' })}\n`;
}

/** An image, a container of ours, or one of another tool. @throws NO_SUCH_CONTAINER */
function find(name: string, context: Context): string {
  const { engine, path } = context;
  const image = path.startsWith('container') ? null : resolveImage(engine, name);
  if (image) return image.record.layer ?? '';
  try {
    return ofContainer(engine.state.find(name).config.id, context);
  } catch (error) {
    const foreign = engine.store.containers().find(({ id, names }) => id === name || names?.includes(name));
    if (!foreign || !hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
    return foreign.layer;
  }
}

function ofContainer(id: string, { engine }: Context): string {
  const record = engine.store.containers().find((container) => container.id === id);
  if (record) return record.layer;
  throw new TspodError('NO_SUCH_CONTAINER', `no container with ID "${id}" in the store`);
}
