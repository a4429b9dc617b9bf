/** `system check --repair`: removes what is damaged, so that the rest can be used and pulled again. */
import type { Problem } from './check.ts';
import type { StoreParts } from './store-parts.ts';
import { recoverTempDirs, removeTree } from './temp-dir.ts';

export interface Repaired {
  layers: string[];
  images: string[];
}

/** Removes damaged images and layers, except what containers stand on, and leftovers. Containers go before. */
export function repair(parts: StoreParts, problems: Problem[]): Repaired {
  const { own } = parts.homes;
  for (const root of [own.tempDirs, own.layerTempDirs]) recoverTempDirs(root);
  const idsOf = (kind: Problem['kind']) => new Set(problems.filter((p) => p.kind === kind).map((p) => p.id));
  return parts.layers.update((session) => {
    for (const id of idsOf('leftover')) session.clear(id);
    const containers = parts.containers.all();
    const all = [...session.permanent(), ...session.volatile()];
    const kept = new Set<string>();
    const parentOf = new Map(all.map((layer) => [layer.id, layer.parent]));
    for (const { layer } of containers) {
      for (let id: string | undefined = layer; id && !kept.has(id); id = parentOf.get(id)) kept.add(id);
    }
    const layers = withChildren(parentOf, idsOf('layer')).filter((id) => !kept.has(id));
    const images = removeImages(parts, idsOf('image'), new Set(containers.map(({ image }) => image)));
    if (layers.length > 0) {
      session.announceDelete(layers);
      session.finishDelete(layers);
    }
    return { layers, images };
  });
}

/** A layer on a damaged one is of no use. */
function withChildren(parentOf: Map<string, string | undefined>, damaged: Set<string>): string[] {
  const all = new Set([...damaged].filter((id) => parentOf.has(id)));
  for (let before = -1; before !== all.size; ) {
    before = all.size;
    for (const [id, parent] of parentOf) if (parent && all.has(parent)) all.add(id);
  }
  return [...all];
}

function removeImages(parts: StoreParts, damaged: Set<string>, used: Set<string>): string[] {
  const ids = [...damaged].filter((id) => !used.has(id));
  if (ids.length === 0) return [];
  parts.images.update((session) => {
    session.save(session.all().filter((image) => !ids.includes(image.id)));
    for (const id of ids) removeTree(`${parts.homes.own.imageDir}/${id}`);
  });
  return ids;
}
