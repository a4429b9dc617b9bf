/** Unpacks the layers that the store lacks, several at once. */
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor, ImageConfig, Manifest } from '../oci/image-spec.ts';
import type { StagedLayer, Store } from '../storage/store.ts';
import { isChunked } from './chunked/annotations.ts';
import type { RangeReader } from './chunked/frames.ts';
import type { PartialLayer } from './chunked/partial.ts';
import type { OnCopyEvent } from './events.ts';

export interface StageRequest {
  manifest: Manifest;
  config: ImageConfig;
  source: { layer(descriptor: Descriptor, index: number): AsyncIterable<Uint8Array>; range?: RangeReader };
  onProgress: OnCopyEvent;
}

/** Blobs in flight: enough to hide the latency of a registry, few enough not to disturb it. */
const parallel = 6;

/**
 * Stages the missing layers.
 *
 * @returns one entry per layer in order: what was staged, or the id of a layer that exists
 * @throws the first failure; the others are stopped and discarded before
 */
export async function stageLayers(store: Store, request: StageRequest): Promise<(StagedLayer | string)[]> {
  const jobs = planJobs(store, request);
  const results: (StagedLayer | string)[] = jobs.map((job) => job.id);
  const waiting = jobs.filter((job) => !job.exists).sort((a, b) => b.descriptor.size - a.descriptor.size);
  const stop = new AbortController();
  const work = async () => {
    for (let job = waiting.shift(); job && !stop.signal.aborted; job = waiting.shift()) {
      results[job.index] = await stageOne(store, request, job, stop.signal);
    }
  };
  const workers = Array.from({ length: Math.min(parallel, waiting.length) }, () =>
    work().catch((error: unknown) => {
      stop.abort();
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(workers)).find(
    (outcome) => outcome.status === 'rejected' && outcome.reason !== stopped,
  );
  if (failed?.status === 'rejected') {
    for (const result of results) if (typeof result !== 'string') await store.discard(result);
    throw failed.reason;
  }
  return results;
}

interface Job {
  index: number;
  id: string;
  exists: boolean;
  diffId: Digest;
  descriptor: Descriptor;
}

function planJobs(store: Store, { manifest, config, onProgress }: StageRequest): Job[] {
  const diffIds = config.rootfs.diff_ids;
  const ids = store.layerIds(diffIds);
  const jobs: Job[] = [];
  for (const [index, descriptor] of manifest.layers.entries()) {
    const id = ids[index];
    const diffId = diffIds[index];
    if (id === undefined || diffId === undefined) continue;
    const exists = store.hasLayer(id) !== null;
    onProgress({ type: 'blob', digest: descriptor.digest, size: descriptor.size, exists });
    jobs.push({ index, id, exists, diffId, descriptor });
  }
  return jobs;
}

async function stageOne(store: Store, request: StageRequest, job: Job, signal: AbortSignal): Promise<StagedLayer> {
  const { descriptor, diffId } = job;
  const { digest, size } = descriptor;
  const inParts = await partsOf(store, request, descriptor);
  const source = inParts?.tar ?? request.source.layer(descriptor, job.index);
  const expected = inParts ? { diffId, tocDigest: inParts.tocDigest } : { digest, size, diffId };
  const bytes = watched(source, digest, request.onProgress, signal);
  const staged = await store.stageLayer(bytes, expected).catch((error: unknown) => {
    throw naming(error, digest);
  });
  request.onProgress({ type: 'blob-done', digest });
  return staged;
}

/** A layer of which the store has a part already; null to fetch all of it. */
async function partsOf(store: Store, { source }: StageRequest, descriptor: Descriptor): Promise<PartialLayer | null> {
  if (!source.range || !store.usesPartialPulls || !isChunked(descriptor)) return null;
  const { partialLayer } = await import('./chunked/partial.ts');
  try {
    return await partialLayer(store, source.range, descriptor);
  } catch (error) {
    throw naming(error, descriptor.digest);
  }
}

/** Every refusal names the blob. */
export function naming(error: unknown, digest: Digest): unknown {
  if (!(error instanceof TspodError) || error.message.includes(digest)) return error;
  return new TspodError(error.code, `writing blob ${digest}: ${error.message}`, { cause: error });
}

/** The reason with which layers end whose image failed elsewhere. */
const stopped = new Error('stopped');

async function* watched(
  source: AsyncIterable<Uint8Array>,
  digest: Digest,
  onProgress: OnCopyEvent,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    if (signal.aborted) throw stopped;
    bytes += chunk.length;
    onProgress({ type: 'blob-progress', digest, bytes });
    yield chunk;
  }
}
