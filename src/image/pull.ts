/** Pulling: name resolution, policy, and the copy from a registry into the store. */
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { hasCode, messageOf, TspodError } from '../errors.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import type { Manifest, Platform } from '../oci/image-spec.ts';
import { hostPlatform } from '../registry/platform.ts';
import { formatReference, type Reference, repositoryOf } from '../registry/reference.ts';
import type { Retry } from '../registry/session.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import { type ImageContext, imageEvent, type ResolvedImage } from './context.ts';
import type { OnCopyEvent } from './events.ts';
import { knownImage } from './known-image.ts';
import { type FoundImage, findImage } from './lookup.ts';
import { instanceOf } from './manifest-list/instance.ts';
import { manifestDigests } from './names.ts';
import { chooseManifest, openRemote, type RemoteImage, type RemoteOptions } from './open-source.ts';
import { type ChooseName, pullNames } from './short-names.ts';
import { enforcePolicy, refuseRejected } from './signature/enforce.ts';
import { registrySubject } from './signature/subject.ts';
import { storeImage } from './store-image.ts';

export type PullPolicy = 'always' | 'missing' | 'newer' | 'never';

export interface PullOptions extends RemoteOptions {
  /** Default `always`, as `podman pull` has it. */
  policy?: PullPolicy | undefined;
  /** Default: this machine's. Asking for one turns `missing` into `newer`. */
  platform?: Platform | undefined;
  onProgress?: OnCopyEvent | undefined;
  /** Asks which registry a short name means; left out where nobody can be asked. */
  chooseName?: ChooseName | undefined;
}

/**
 * Makes sure that an image is in the store, as the policy says.
 *
 * @throws TspodError NO_SUCH_IMAGE (policy `never`), and everything that the registry or the store refuses
 */
export async function pullImage(
  context: ImageContext,
  name: string,
  options: PullOptions = {},
): Promise<ResolvedImage> {
  try {
    const image = await pull(context, name, options);
    imageEvent(context, 'pull', image.record.id, name);
    return image;
  } catch (error) {
    context.journal?.write({ Name: name, Status: 'pull-error', Type: 'image', error: messageOf(error) });
    throw error;
  }
}

async function pull(context: ImageContext, name: string, options: PullOptions): Promise<ResolvedImage> {
  const local = findLocal(context, name);
  const policy = effectivePolicy(options);
  if (policy === 'never' || isId(name)) return onlyLocal(context, local, name, policy);
  if (local && policy === 'missing') return resolved(context, local);
  if (local?.record.id.startsWith(name)) return onlyLocal(context, local, name, policy);
  const wanted = local && !options.platform ? local.name : name.replace(/^docker:\/\//, '');
  try {
    const found = await pullFirst(context, wanted, { ...options, policy }, local);
    return resolved(context, found);
  } catch (error) {
    if (local && policy === 'newer' && !hasCode(error, 'CORRUPT_BLOB', 'CORRUPT_STORE'))
      return resolved(context, local);
    throw error;
  }
}

/** A manifest list counts as the image of it that fits this machine. */
function findLocal(context: ImageContext, name: string): FoundImage | null {
  const found = findImage(context, name);
  const record = found && instanceOf(context.store, found.record);
  return record ? { ...found, record } : null;
}

async function pullFirst(
  context: ImageContext,
  name: string,
  options: PullOptions,
  local: FoundImage | null,
): Promise<FoundImage> {
  const conf = loadRegistriesConf(options.registriesConf ?? context.systemContext?.registriesConf);
  const { candidates, description, chosenFor } = pullNames(conf, name, options.chooseName);
  const quiet = options.policy === 'newer' && local !== null;
  if (description && !quiet) options.onProgress?.({ type: 'note', text: description });
  const errors: unknown[] = [];
  for (const candidate of candidates) {
    try {
      const found = await pullOne(context, candidate, options, local);
      if (chosenFor !== undefined) await rememberAlias(chosenFor, repositoryOf(candidate));
      return found;
    } catch (error) {
      errors.push(error);
    }
  }
  throw errors.length === 1 ? errors[0] : joined(errors);
}

async function rememberAlias(short: string, target: string): Promise<void> {
  const { addShortNameAlias } = await import('../config/short-name-alias.ts');
  addShortNameAlias(short, target);
}

async function pullOne(
  context: ImageContext,
  reference: Reference,
  options: PullOptions,
  local: FoundImage | null,
): Promise<FoundImage> {
  const name = formatReference(reference);
  const { onProgress = () => {} } = options;
  const compare = options.policy === 'newer' && local !== null;
  if (!compare) onProgress({ type: 'trying', name });
  refuseRejected(registrySubject(reference), policyFileOf(context, options));
  let remote: RemoteImage | null = null;
  try {
    const initializing = `initializing source docker://${name}: `;
    const onRetry = (retry: Retry) => onProgress({ type: 'retry', ...retry, reason: initializing + retry.reason });
    remote = await openRemote(context, reference, { onRetry, ...options }).catch((error: unknown) => {
      throw prefixed(error, initializing);
    });
    if (compare) {
      if (manifestDigests(local.record).includes(remote.top.digest)) return local;
      onProgress({ type: 'trying', name });
    }
    return { record: await copy(context, remote, reference, { ...options, onProgress }), name };
  } catch (error) {
    throw prefixed(error, `unable to copy from source docker://${name}: `);
  } finally {
    await remote?.client.close();
  }
}

async function copy(
  context: ImageContext,
  remote: RemoteImage,
  reference: Reference,
  options: PullOptions & { onProgress: OnCopyEvent },
): Promise<ImageRecord> {
  const { store } = context;
  const name = formatReference(reference);
  const chosen = await chooseManifest(context, remote, options.platform ?? hostPlatform());
  await checkSignatures(remote, reference, chosen, policyFileOf(context, options));
  const index = remote.top.parsed.kind === 'index' ? remote.top : undefined;
  const id = hexOf(chosen.manifest.config.digest);
  const known = knownImage(store, id, index ? [index.digest, chosen.digest] : [chosen.digest]);
  if (known) return reuse(store, known, name, { manifest: chosen.manifest, onProgress: options.onProgress });
  return storeImage(
    store,
    {
      manifest: chosen,
      index,
      config: () => remote.client.config(chosen.manifest.config),
      layer: (descriptor) => remote.client.blob(descriptor),
      range: (descriptor, start, end) => remote.client.blobRange(descriptor, start, end),
    },
    { names: [name], onProgress: options.onProgress },
  );
}

/** Also for an image that is in the store already: what it was accepted for may be another name, or another policy. */
export function checkSignatures(
  { client }: RemoteImage,
  reference: Reference,
  { bytes: manifest, digest }: { bytes: Buffer; digest: Digest },
  policyFile: string | undefined,
): Promise<void> {
  const signatures = async () => {
    const { registrySignatures } = await import('./signature/registry-signatures.ts');
    return registrySignatures(client, digest);
  };
  return enforcePolicy({ ...registrySubject(reference), manifest, signatures }, policyFile);
}

function policyFileOf({ systemContext }: ImageContext, { policyFile }: PullOptions): string | undefined {
  return policyFile ?? systemContext?.policyFile;
}

/** Nothing is new but perhaps the name: says what Podman says, asks the registry for nothing more. */
async function reuse(
  store: Store,
  known: ImageRecord,
  name: string,
  { manifest, onProgress }: { manifest: Manifest; onProgress: OnCopyEvent },
): Promise<ImageRecord> {
  const { config, layers } = manifest;
  onProgress({ type: 'signatures' });
  for (const { digest, size } of layers) onProgress({ type: 'blob', digest, size, exists: true });
  onProgress({ type: 'config', digest: config.digest, size: config.size });
  onProgress({ type: 'manifest' });
  if (!known.names?.includes(name)) await store.addImageName(known.id, name);
  return store.imageById(known.id) ?? known;
}

function effectivePolicy({ policy = 'always', platform }: PullOptions): PullPolicy {
  // Many images declare a wrong platform: a local one cannot be trusted to be the one that was asked for.
  return platform && policy === 'missing' ? 'newer' : policy;
}

function onlyLocal(context: ImageContext, local: FoundImage | null, name: string, policy: PullPolicy): ResolvedImage {
  if (!local) throw new TspodError('NO_SUCH_IMAGE', `${name}: image not known`);
  if (policy === 'always') {
    throw new TspodError('BAD_ARGUMENT', `pull policy is always but image has been referred to by ID (${name})`);
  }
  return resolved(context, local);
}

function isId(name: string): boolean {
  return name.startsWith('sha256:') || /^[0-9a-f]{64}$/.test(name);
}

function resolved({ store }: ImageContext, { record, name }: FoundImage): ResolvedImage {
  return { record, name, config: store.imageConfig(record), digest: record.digest ?? '' };
}

function prefixed(error: unknown, prefix: string): unknown {
  if (!(error instanceof TspodError)) return error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new TspodError(error.code, prefix + error.message, { cause: error, ...hint });
}

function joined(errors: unknown[]): TspodError {
  const lines = errors.map((error) => ` * ${messageOf(error)}`);
  const first = errors.find((error) => error instanceof TspodError);
  return new TspodError(
    first?.code ?? 'REGISTRY',
    `${errors.length} errors occurred while pulling:\n${lines.join('\n')}`,
  );
}
