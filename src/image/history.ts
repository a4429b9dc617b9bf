/** The steps an image was built in, newest first. */
import type { ImageRecord, LayerRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import type { ImageContext } from './context.ts';
import { requireImage } from './lookup.ts';

export interface HistoryStep {
  /** Id of an image whose top is this step, or `<missing>`. */
  id: string;
  /** RFC 3339; '' when the image does not say. */
  created: string;
  createdBy: string;
  comment: string;
  /** Bytes of the layer; 0 for a step without one. */
  size: number;
  tags: string[];
}

/** @throws TspodError NO_SUCH_IMAGE, CORRUPT_STORE */
export function imageHistory(context: ImageContext, nameOrId: string): HistoryStep[] {
  const { store } = context;
  const { record } = requireImage(context, nameOrId);
  const tops = imagesByTopLayer(store);
  const used = new Set<string>();
  const steps: HistoryStep[] = [];
  let layer: LayerRecord | null = record.layer ? store.hasLayer(record.layer) : null;
  for (const entry of [...(store.imageConfig(record).history ?? [])].reverse()) {
    const images = layer ? (tops.get(layer.id) ?? []) : [];
    const first = images[0]?.id;
    const isNew = first !== undefined && !used.has(first);
    if (isNew) used.add(first);
    const size = entry.empty_layer ? 0 : (layer?.['diff-size'] ?? 0);
    steps.push({
      id: isNew ? first : '<missing>',
      created: entry.created ?? '',
      createdBy: entry.created_by ?? '',
      comment: entry.comment ?? '',
      size,
      tags: images.flatMap((image) => image.names ?? []),
    });
    if (!entry.empty_layer) layer = layer?.parent ? store.hasLayer(layer.parent) : null;
  }
  return steps;
}

function imagesByTopLayer(store: Store): Map<string, ImageRecord[]> {
  return Map.groupBy(
    store.images().filter((image) => image.layer),
    (image) => image.layer ?? '',
  );
}
