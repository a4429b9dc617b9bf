/** What `manifest inspect` shows: a list of the store, else what a registry has under the name. */
import { loadRegistriesConf } from '../../config/registries-conf.ts';
import { hasCode, TspodError } from '../../errors.ts';
import type { Descriptor, Index } from '../../oci/image-spec.ts';
import { formatReference } from '../../registry/reference.ts';
import type { ImageContext } from '../context.ts';
import { openRemote, type RemoteOptions } from '../open-source.ts';
import { pullNames } from '../short-names.ts';
import { requireList, serializeIndex } from './list.ts';

/** @throws TspodError in Podman's words */
export async function inspectList(context: ImageContext, name: string, options: RemoteOptions): Promise<object> {
  try {
    const { index, artifacts } = requireList(context, name);
    const { mediaType } = serializeIndex(index);
    return shown({ ...index, mediaType }, artifacts.files);
  } catch (error) {
    if (!hasCode(error, 'NO_SUCH_IMAGE', 'BAD_ARGUMENT')) throw error;
    return inspectRemote(context, name, options);
  }
}

async function inspectRemote(context: ImageContext, name: string, options: RemoteOptions): Promise<object> {
  const conf = loadRegistriesConf(context.systemContext?.registriesConf);
  let failure: unknown;
  for (const candidate of pullNames(conf, name.replace(/^docker:\/\//, '')).candidates) {
    try {
      const remote = await openRemote(context, candidate, { retry: 0, ...options });
      await remote.client.close();
      const { parsed, bytes } = remote.top;
      return parsed.kind === 'index' ? shown(parsed.index) : (JSON.parse(bytes.toString('utf8')) as object);
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
      const words = `reading image "docker://${formatReference(candidate)}": ${error.message}`;
      failure ??= new TspodError(error.code, words, { cause: error });
    }
  }
  throw failure;
}

/** The fields in the order of Podman's type. */
function shown(index: Index, files: Record<string, string[]> = {}): object {
  const { schemaVersion, mediaType, artifactType, manifests, subject, annotations } = index;
  const entries = manifests.map((entry) => member(entry, files[entry.digest]));
  return withoutGaps({ schemaVersion, mediaType, artifactType, manifests: entries, subject, annotations });
}

function member(
  { mediaType, size, digest, urls, platform, annotations, artifactType, data }: Descriptor,
  files?: string[],
) {
  const { architecture = '', os = '', ...rest } = platform ?? {};
  const shownPlatform = { architecture, os, ...rest };
  return withoutGaps({
    mediaType,
    size,
    digest,
    urls,
    platform: shownPlatform,
    annotations,
    artifactType,
    data,
    files,
  });
}

function withoutGaps(object: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
