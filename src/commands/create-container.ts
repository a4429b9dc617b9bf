/** What `create` and `run` do alike: find or pull the image, decide everything, record the container. */
import { statSync, writeFileSync } from 'node:fs';
import type { Args, Context } from '../cli/command.ts';
import type { Engine } from '../engine.ts';
import { hasCode, messageOf, TspodError } from '../errors.ts';
import { imageEvent, type ResolvedImage } from '../image/context.ts';
import { resolveImage } from '../image/lookup.ts';
import type { Container, ContainerConfig, ContainerSecret } from '../runtime/container.ts';
import { createContainer } from '../runtime/create.ts';
import { hostFacts } from '../runtime/host-facts.ts';
import { idSource } from '../runtime/id-source.ts';
import { type BuildImage, type BuildInput, buildConfig } from '../runtime/options/build-config.ts';
import { chooseRuntime } from '../runtime/options/choose-runtime.ts';
import type { CreateOptions } from '../runtime/options/create-options.ts';
import { checkAuthFile } from './check-auth-file.ts';
import type { createFlags } from './create-flags.ts';
import { warner } from './for-each-container.ts';
import { pullPolicy } from './pull-policy.ts';

export type CreateArgs = Args<typeof createFlags> &
  Pick<CreateOptions, 'passwd' | 'preserveFds' | 'preserveFd' | 'rmi' | 'initCtr'>;

/** Makes the container; its pod, if any, has had its say in the options. `startNext`: the caller starts it at once. */
export async function makeAlone(args: CreateArgs, context: Context, startNext: boolean): Promise<Container> {
  const { engine } = context;
  check(args, context);
  const [operand = '', ...command] = args.operands;
  const image = args.rootfs ? null : buildImage(await findOrPull(operand, args, context), operand);
  if (args.rootfs) checkRootfs(operand);
  if (args.replace && args.name) await replace(engine, args.name);
  const input: BuildInput = {
    options: args,
    command,
    image,
    ...(args.rootfs && { rootfs: operand }),
    createCommand: [context.program, ...process.argv.slice(2)],
    conf: engine.conf,
    host: hostFacts(),
    runtime: chooseRuntime(engine.globals.runtime, engine.conf),
    findContainer: (nameOrId) => engine.state.find(nameOrId),
    isNameTaken: (name) => engine.state.idOfName(name) !== null,
    ids: idSource(engine),
  };
  const container = await create(engine, input, startNext, args.secret);
  warnOfPorts(args, container, context);
  if (args.cidfile) writeIdFile(args.cidfile, container.config.id);
  return container;
}

function check({ replace: wanted, name, kernelMemory, authfile }: CreateArgs, context: Context): void {
  checkAuthFile(authfile);
  if (wanted && !name) {
    throw new TspodError('BAD_ARGUMENT', 'cannot replace container without --name being set');
  }
  if (kernelMemory) warner(context)('The --kernel-memory flag is no longer supported. This flag is a noop.');
}

/** A generated name may be taken by somebody else between the look and the record: then another one is tried. */
async function create(
  engine: Engine,
  input: BuildInput,
  startNext: boolean,
  secrets: readonly string[],
): Promise<Container> {
  for (let tries = 1; ; tries += 1) {
    const config = await buildConfig(input);
    await checkReferences(engine, config);
    if (secrets.length > 0) config.secrets = await findSecrets(engine, secrets);
    try {
      return await createContainer(engine, config, { startNext });
    } catch (error) {
      if (!hasCode(error, 'NAME_IN_USE')) throw error;
      if (input.options.name || tries >= 10) throw nameInUse(engine, config.name, error);
    }
  }
}

async function findSecrets(engine: Engine, flags: readonly string[]): Promise<ContainerSecret[]> {
  const [{ Secrets }, { parseSecrets }] = await Promise.all([
    import('../storage/secrets.ts'),
    import('../runtime/options/secrets.ts'),
  ]);
  const store = new Secrets(engine.paths.graphRoot);
  return parseSecrets(flags, (name) => store.data(name).record.id);
}

/** Containers of other tools on the same store have no record here. */
export function nameInUse(engine: Engine, name: string, cause: TspodError): TspodError {
  const who = engine.state.idOfName(name) ? '' : ' by an external entity';
  const words = `creating container storage: ${cause.message}${who}, or use --replace to instruct Podman to do so.`;
  return new TspodError('NAME_IN_USE', words, { cause });
}

/** Networks and images that are named must be there now, not only when the container starts. */
export async function checkReferences(engine: Engine, { networks, imageVolumes = [] }: ContainerConfig): Promise<void> {
  const named = Object.keys(networks).filter((name) => name !== engine.conf.network.defaultNetwork);
  if (named.length > 0) {
    const { findNetwork } = await import('../network/network-store.ts');
    for (const name of named) findNetwork(engine.networkContext, name);
  }
  for (const volume of imageVolumes) {
    const image = resolveImage(engine, volume.source);
    if (!image) throw new TspodError('NO_SUCH_IMAGE', `${volume.source}: image not known`);
    volume.imageId = image.record.id;
  }
}

export function buildImage({ record, name, config }: ResolvedImage, rawName: string): BuildImage {
  // An image found by its id goes by its first name.
  const isId = record.id.startsWith(name.replace(/^sha256:/, ''));
  return { id: record.id, name: isId ? (record.names?.[0] ?? '') : name, rawName, config };
}

/** @throws NO_SUCH_IMAGE, and what the registry, the store or the policy says */
export async function findOrPull(name: string, args: CreateArgs, context: Context): Promise<ResolvedImage> {
  const { engine } = context;
  const policy = pullPolicy(args.pull ?? engine.conf.engine.pullPolicy);
  const anyPlatform = !args.platform && !args.arch && !args.os && !args.variant;
  if (anyPlatform && (policy === 'missing' || policy === 'never')) {
    const found = resolveImage(engine, name);
    if (found) {
      imageEvent(engine, 'pull', found.record.id, name);
      return found;
    }
    if (policy === 'never') throw new TspodError('NO_SUCH_IMAGE', `${name}: image not known`);
  }
  const { pullForCreate } = await import('./pull-for-create.ts');
  return pullForCreate(name, policy, args, context);
}

function checkRootfs(operand: string): void {
  const path = operand.split(':', 1)[0] ?? '';
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return;
  const reason = stat ? 'not a directory' : 'no such file or directory';
  throw new TspodError('BAD_ARGUMENT', `rootfs "${path}": ${reason}`);
}

async function replace(engine: Engine, name: string): Promise<void> {
  const id = engine.state.idOfName(name);
  if (!id) return;
  const { removeContainer } = await import('../runtime/remove.ts');
  await removeContainer(engine, id, { force: true });
}

function warnOfPorts(args: CreateArgs, { config }: Container, context: Context): void {
  if (args.publish.length === 0 || config.ports.length > 0) return;
  const words = `Port mappings have been discarded because "${config.network.mode}" network namespace mode`;
  context.stderr(`${words} does not support them\n`);
}

function writeIdFile(path: string, id: string): void {
  try {
    writeFileSync(path, id, { flag: 'w' });
  } catch (cause) {
    throw new TspodError('BAD_ARGUMENT', `creating idfile: open ${path}: ${messageOf(cause)}`, { cause });
  }
}
