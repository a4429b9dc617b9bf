/** `registry inspect` and skopeo's `inspect`. */
import type { Args, Context } from '../../cli/command.ts';
import { isJson, printJson } from '../../cli/format.ts';
import { compileTemplate } from '../../cli/template.ts';
import { hasCode, TspodError } from '../../errors.ts';
import { type Inspected, inspectConfig, inspectImage } from '../../image/transport/inspect.ts';
import { parseImageName } from '../../image/transport/parse.ts';
import { repositoryTags } from '../../image/transport/repository-tags.ts';
import type { ImageName, RawManifest, SourceOptions } from '../../image/transport/transport.ts';
import { hostPlatform } from '../../registry/platform.ts';
import { repositoryOf } from '../../registry/reference.ts';
import type { inspectFlags } from './flags.ts';
import { sideOptions } from './side.ts';
import { remoteSystem, type TransferSystem } from './system.ts';

type InspectArgs = Args<typeof inspectFlags>;

/** @throws TspodError */
export async function runInspect(args: InspectArgs, context: Context, system: TransferSystem): Promise<void> {
  if (args.raw && args.format) throw new TspodError('BAD_ARGUMENT', 'raw output does not support format option');
  const [text = ''] = args.operands;
  const options = { ...remoteSystem(system), ...sideOptions(args) };
  const name = await attempt(`error parsing image name "${text}"`, async () => parseImageName(text));
  const reader = await attempt(`error parsing image name "${text}"`, () => name.read(context.engine, options));
  try {
    const top = await attempt('error retrieving manifest for image', () => reader.manifest());
    if (args.raw && !args.config) return context.stdout(top.bytes);
    const inspected = await attempt('error parsing manifest for image', () =>
      inspectImage(reader, top, system.platform ?? hostPlatform()),
    );
    if (args.config && args.raw) return context.stdout(inspected.config);
    if (args.config) return print(args, context, inspectConfig(inspected.config));
    print(args, context, await report({ name, top, inspected }, args, context, options));
  } finally {
    await reader.close();
  }
}

interface Found {
  name: ImageName;
  top: RawManifest;
  inspected: Inspected;
}

/** What skopeo tells, with its names. */
async function report({ name, top, inspected }: Found, args: InspectArgs, context: Context, options: SourceOptions) {
  const { config, ...facts } = inspected;
  return {
    ...(name.reference ? { Name: repositoryOf(name.reference) } : {}),
    Digest: top.digest,
    RepoTags: name.transport === 'docker' && !args.noTags ? await tagsOf(name, context, options) : [],
    ...facts,
  };
}

/** Some registries show images but no lists of tags. */
async function tagsOf({ reference }: ImageName, context: Context, options: SourceOptions): Promise<string[]> {
  if (!reference) return [];
  try {
    return await repositoryTags(context.engine, reference, options);
  } catch (error) {
    const refused = hasCode(error, 'UNAUTHORIZED', 'NOT_FOUND') && /denied|404/.test(error.message);
    if (!refused) throw error;
    context.stderr('the registry does not list the tags of the repository: they are left out\n');
    return [];
  }
}

function print({ format }: InspectArgs, context: Context, data: object): void {
  if (!format || isJson(format)) context.stdout(`${printJson(data, { escapeHtml: true })}\n`);
  else context.stdout(`${compileTemplate(format, { name: 'inspect' })(data)}\n`);
}

async function attempt<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `${doing}: ${error.message}`, { cause: error });
  }
}
