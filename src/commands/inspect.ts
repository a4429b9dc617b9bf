import { type Args, type Context, defineCommand } from '../cli/command.ts';
import { isJson, normalize, printJson } from '../cli/format.ts';
import { compileTemplate } from '../cli/template.ts';
import { hasCode, messageOf, TspodError } from '../errors.ts';
import { inspectContainer } from '../runtime/inspect/inspect.ts';
import { latestContainer } from '../runtime/select.ts';
import { current } from '../runtime/sync.ts';
import { selectFlags } from './select-flags.ts';

const types = ['image', 'container', 'pod', 'network', 'volume', 'artifact', 'all'];

const flags = {
  format: { type: 'string', alias: 'f', default: 'json', describe: 'Format the output to a Go template or json' },
  latest: selectFlags.latest,
  size: { type: 'boolean', alias: 's', describe: 'Display total file size' },
  type: { type: 'string', alias: 't', default: 'all', describe: 'Specify inspect-object type' },
} as const;

export default defineCommand({
  usage: 'inspect [options] {ARTIFACT|CONTAINER|IMAGE|POD|NETWORK|VOLUME} [...]',
  describe: 'Display the configuration of object denoted by ID',
  long: `Displays the low-level information on an object identified by name or ID.
  For more inspection options, see:

      podman artifact inspect
      podman container inspect
      podman image inspect
      podman network inspect
      podman pod inspect
      podman volume inspect`,
  flags,
  operands: {},
  examples: [
    'inspect fedora',
    'inspect --type image fedora',
    'inspect CtrID ImgID',
    'inspect --format "imageId: {{.Id}} size: {{.Size}}" fedora',
  ],
  handler: (args, context) => inspectObjects(args, args.type, context),
});

/** Prints what was found, then an `Error:` for each name that is nothing. */
export async function inspectObjects(
  args: Omit<Args<typeof flags>, 'type'>,
  type: string,
  context: Context,
): Promise<number> {
  check(args, type);
  const names = args.latest ? [await latest(type, context)] : args.operands.map(bare);
  const wanted = args.latest && type === 'all' ? 'container' : type;
  const found: unknown[] = [];
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      found.push(await inspectOne(name, wanted, args.size, context));
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
      failures.push(error);
    }
  }
  context.stdout(render(found, args.format));
  const [first, ...others] = failures;
  for (const error of others) context.stderr(`${messageOf(error)}\n`);
  if (first) throw first;
  return 0;
}

async function latest(type: string, { engine }: Context): Promise<string> {
  if (type !== 'pod') return latestContainer(engine).config.id;
  return (await import('../runtime/pod/pods.ts')).latestPod(engine.state).id;
}

async function inspectOne(name: string, type: string, size: boolean, context: Context): Promise<unknown> {
  const kinds = type === 'all' ? ['container', 'image', 'volume', 'network', 'pod'] : [type];
  for (const kind of kinds) {
    const object = await lookUp(kind, name, size, context);
    if (object !== null) return object;
  }
  throw missing(name, type);
}

/** Null when there is no such thing. */
async function lookUp(kind: string, name: string, size: boolean, { engine }: Context): Promise<unknown> {
  try {
    if (kind === 'container') {
      const container = await current(engine, engine.state.find(name));
      return container && inspectContainer(engine, container, { size });
    }
    if (kind === 'image') return (await import('../image/inspect.ts')).inspectImage(engine, name);
    if (kind === 'network') {
      return (await import('../network/inspect.ts')).inspectNetwork(engine.networkContext, name);
    }
    if (kind === 'pod') return await lookUpPod(engine, name);
    return (await import('./volume-inspect.ts')).inspectVolume(engine, name);
  } catch (error) {
    if (hasCode(error, 'NO_SUCH_CONTAINER', 'NO_SUCH_IMAGE', 'NO_SUCH_NETWORK', 'NO_SUCH_VOLUME', 'NO_SUCH_POD'))
      return null;
    if (hasCode(error, 'BAD_ARGUMENT')) return null;
    throw error;
  }
}

async function lookUpPod(engine: Context['engine'], name: string): Promise<unknown> {
  const [{ findPod }, { inspectPod }] = await Promise.all([
    import('../runtime/pod/pods.ts'),
    import('../runtime/pod/inspect.ts'),
  ]);
  return inspectPod(engine, findPod(engine.state, name));
}

function missing(name: string, type: string): TspodError {
  if (type === 'container') return new TspodError('NO_SUCH_CONTAINER', `no such container "${name}"`);
  if (type === 'image') return new TspodError('NO_SUCH_IMAGE', `${name}: image not known`);
  if (type === 'volume') return new TspodError('NO_SUCH_VOLUME', `no such volume ${name}`);
  if (type === 'network') return new TspodError('NO_SUCH_NETWORK', `network ${name}: network not found`);
  if (type === 'pod') return new TspodError('NO_SUCH_POD', `no such pod ${name}`);
  return new TspodError('NO_SUCH_CONTAINER', `no such object: "${name}"`);
}

function render(found: unknown[], format: string): string {
  if (format === '' || isJson(format)) return `${printJson(found, { indent: '     ' })}\n`;
  const text = normalize(format)
    .replaceAll('.ImageID', '.Image')
    .replaceAll('.Src', '.Source')
    .replaceAll('.Dst', '.Destination');
  const template = compileTemplate(text, { name: 'inspect', functions: {} });
  return found.map((object) => template(withAliases(object))).join('');
}

/** `.ID` and `.Id` both work, as in Podman. */
function withAliases(object: unknown): unknown {
  if (typeof object !== 'object' || object === null || !('Id' in object)) return object;
  return Object.defineProperty({ ...object }, 'ID', { value: object.Id, enumerable: false });
}

function check(args: Omit<Args<typeof flags>, 'type'>, type: string): void {
  if (!types.includes(type)) {
    const list = types.map((name) => `"${name}"`);
    throw new TspodError(
      'BAD_ARGUMENT',
      `invalid type "${type}": must be ${list.slice(0, -1).join(', ')}, or ${list.at(-1)}`,
    );
  }
  const refuse = (words: string) => {
    throw new TspodError('BAD_ARGUMENT', words);
  };
  if (type === 'image' && args.latest) refuse('latest is not supported for type "image"');
  if ((type === 'image' || type === 'pod') && args.size) refuse(`size is not supported for type "${type}"`);
  if (type === 'artifact') throw new TspodError('UNSUPPORTED', `inspect of type "${type}" is not supported`);
  if (args.latest && args.operands.length > 0) refuse('--latest and arguments cannot be used together');
  if (args.operands.length === 0 && !args.latest) refuse('no names or ids specified');
}

function bare(name: string): string {
  return name.replace(/^\//, '');
}
