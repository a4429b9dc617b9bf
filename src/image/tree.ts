/** The layers of an image, and what else stands on them: `image tree`. */
import type { ImageRecord, LayerRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';

export interface TreeNode {
  id: string;
  /** Bytes of the layer. */
  size: number;
  /** Names of the images whose top layer it is. */
  tags: string[];
  children: TreeNode[];
}

/** The layers of an image, base first. */
export function imageLayers(store: Store, image: ImageRecord): TreeNode[] {
  const tags = tagsByLayer(store);
  const nodes: TreeNode[] = [];
  for (let layer = layerOf(store, image.layer); layer; layer = layerOf(store, layer.parent)) {
    nodes.unshift(nodeOf(layer, tags));
  }
  return nodes;
}

/** The top layer of an image with all that is built on it; null for an image without layers. */
export function imageDescendants(store: Store, image: ImageRecord): TreeNode | null {
  const tags = tagsByLayer(store);
  const top = layerOf(store, image.layer);
  if (!top) return null;
  const children = Map.groupBy(store.layers(), (layer) => layer.parent ?? '');
  const withChildren = (layer: LayerRecord): TreeNode => {
    const nodes = (children.get(layer.id) ?? []).filter((child) => child['diff-digest']).map(withChildren);
    return { ...nodeOf(layer, tags), children: nodes };
  };
  return withChildren(top);
}

function layerOf(store: Store, id: string | undefined): LayerRecord | null {
  return id ? store.hasLayer(id) : null;
}

function nodeOf(layer: LayerRecord, tags: Map<string, string[]>): TreeNode {
  return { id: layer.id, size: Math.max(layer['diff-size'] ?? 0, 0), tags: tags.get(layer.id) ?? [], children: [] };
}

function tagsByLayer(store: Store): Map<string, string[]> {
  const tags = new Map<string, string[]>();
  for (const { layer = '', names = [] } of store.images()) {
    tags.set(layer, [...(tags.get(layer) ?? []), ...names.filter((name) => !name.includes('@'))]);
  }
  return tags;
}
