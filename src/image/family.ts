/** Which image was built on which: by diff-ids and history, as Podman tells (nothing on disk says so). */
import type { HistoryEntry, ImageConfig } from '../oci/image-spec.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';

/** Reads configurations on demand, each once. */
export class Family {
  readonly #store: Store;
  readonly #configs = new Map<string, ImageConfig | null>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The image that this one was built on with one more step, or null. */
  parent(image: ImageRecord): ImageRecord | null {
    const config = this.#config(image);
    if (!config) return null;
    const others = this.#store.images().filter((other) => other.id !== image.id);
    return others.find((other) => isParent(this.#config(other), config)) ?? null;
  }

  hasChildren(image: ImageRecord): boolean {
    const config = this.#config(image);
    const others = this.#store.images().filter((other) => other.id !== image.id);
    return config !== null && others.some((other) => isParent(config, this.#config(other)));
  }

  /** Without a name, but something was built on it. */
  isIntermediate(image: ImageRecord): boolean {
    return !image.names?.length && this.hasChildren(image);
  }

  /** Without a name, and nothing was built on it. */
  isDangling(image: ImageRecord): boolean {
    return !image.names?.length && !this.hasChildren(image);
  }

  /** Null for a damaged image: it must not stop a listing. */
  #config(image: ImageRecord): ImageConfig | null {
    const known = this.#configs.get(image.id);
    if (known !== undefined) return known;
    let config: ImageConfig | null = null;
    try {
      config = this.#store.imageConfig(image);
    } catch {
      config = null;
    }
    this.#configs.set(image.id, config);
    return config;
  }
}

function isParent(parent: ImageConfig | null, child: ImageConfig | null): boolean {
  if (!parent || !child) return false;
  const above = child.rootfs.diff_ids;
  if (!parent.rootfs.diff_ids.every((diffId, index) => diffId === above[index])) return false;
  const steps = parent.history ?? [];
  const childSteps = child.history ?? [];
  return steps.length + 1 === childSteps.length && steps.every((step, index) => sameStep(step, childSteps[index]));
}

function sameStep(a: HistoryEntry, b: HistoryEntry | undefined): boolean {
  const time = (text: string | undefined) => (text === undefined ? 'none' : Date.parse(text));
  return (
    b !== undefined &&
    time(a.created) === time(b.created) &&
    (a.created_by ?? '') === (b.created_by ?? '') &&
    (a.author ?? '') === (b.author ?? '') &&
    (a.comment ?? '') === (b.comment ?? '') &&
    (a.empty_layer ?? false) === (b.empty_layer ?? false)
  );
}
