import { readFileSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { messageOf, TspodError } from '../errors.ts';
import { addArtifact } from '../image/manifest-list/add-artifact.ts';
import { addImage } from '../image/manifest-list/add-instances.ts';
import { annotateMember, subjectOf } from '../image/manifest-list/annotate.ts';
import { type ManifestList, updateList } from '../image/manifest-list/list.ts';
import { insecureFlags, insecureOptions, memberChanges, memberFlags } from './manifest-flags.ts';
import { registryFlags } from './registry-flags.ts';

const flags = defineFlags({
  ...registryFlags,
  ...memberFlags,
  ...insecureFlags,
  all: { type: 'boolean', describe: 'Add all images of a list' },
  artifact: { type: 'boolean', describe: 'The operands are files, not images' },
  'artifact-config': { type: 'string', describe: 'File with the configuration of the artifact', complete: 'files' },
  'artifact-config-type': { type: 'string', describe: 'Media type of the configuration', complete: 'none' },
  'artifact-exclude-titles': { type: 'boolean', describe: 'Do not note the names of the files' },
  'artifact-layer-type': { type: 'string', describe: 'Media type of the files', complete: 'none' },
  'artifact-subject': { type: 'string', describe: 'Image that the list is about', complete: 'none' },
  'artifact-type': { type: 'string', describe: 'Type of the artifact', complete: 'none' },
});

type AddArgs = Args<typeof flags>;

export default defineCommand({
  usage: 'add [options] LIST IMAGEORARTIFACT [IMAGEORARTIFACT...]',
  describe: 'Add images or artifacts to a manifest list or image index',
  long: 'Adds images of the store or of registries, or files, to a manifest list.',
  flags,
  operands: { min: 2, complete: 'images' },
  examples: ['manifest add mylist:v1.11 image:v1.11-amd64', 'manifest add mylist:v1.11 docker://host/image:1'],
  async handler(args, context) {
    const [name = '', ...items] = args.operands;
    if (!args.artifact) checkNoArtifactFlags(args);
    const options = { ...insecureOptions(args), all: args.all };
    const changes = { ...memberChanges(args), annotations: memberAnnotations(args.annotation) };
    const id = await updateList(context.engine, name, async (list) => {
      if (args.artifact) annotateMember(list, await addFiles(list, items, args), changes);
      else for (const item of items) annotateMember(list, await addImage(context.engine, list, item, options), changes);
      await setSubject(list, args, context);
    });
    context.stdout(`${id}\n`);
  },
});

async function addFiles(list: ManifestList, files: string[], args: AddArgs) {
  return addArtifact(list, files, {
    ...(args.given.has('artifact-type') ? { type: args.artifactType } : {}),
    configType: args.artifactConfigType,
    config: args.artifactConfig ? readConfig(args.artifactConfig) : undefined,
    layerType: args.artifactLayerType,
    excludeTitles: args.artifactExcludeTitles,
  });
}

async function setSubject(list: ManifestList, { artifactSubject }: AddArgs, { engine }: Context): Promise<void> {
  if (artifactSubject) list.index.subject = await subjectOf(engine, artifactSubject);
}

function readConfig(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TspodError('BAD_ARGUMENT', messageOf(error), { cause: error });
  }
}

function checkNoArtifactFlags({ given }: AddArgs): void {
  const names = ['type', 'config', 'config-type', 'layer-type', 'subject', 'exclude-titles'];
  const used = names.map((name) => `artifact-${name}`).filter((name) => given.has(name));
  if (used.length === 0) return;
  const list = used.map((name) => `--${name}`).join('/');
  throw new TspodError('BAD_ARGUMENT', `${list} ${used.length === 1 ? 'requires' : 'require'} --artifact`);
}

function memberAnnotations(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text): [string, string] => {
    const at = text.indexOf('=');
    if (at < 0) throw new TspodError('BAD_ARGUMENT', `no value given for annotation "${text}"`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
