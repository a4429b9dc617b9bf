/** An image as `images` shows it: the fields that tables, templates and JSON may name. */
import { humanDuration, humanSize } from '../cli/units.ts';
import type { ImageSummary } from '../image/list.ts';
import { splitName } from '../image/names.ts';

export class ImageRow {
  readonly #image: ImageSummary;
  readonly #trunc: boolean;
  readonly #name: { repository: string; tag: string };
  #unixCreated: number | undefined;

  /** @param name one of the image's names, or null for an image without */
  constructor(image: ImageSummary, name: string | null, trunc: boolean) {
    this.#image = image;
    this.#trunc = trunc;
    this.#name = name === null ? { repository: '<none>', tag: '<none>' } : splitName(name);
  }

  get Repository() {
    return this.#name.repository;
  }
  get Tag() {
    return this.#name.tag;
  }
  get ID() {
    const { id } = this.#image.record;
    return this.#trunc ? id.slice(0, 12) : `sha256:${id}`;
  }
  get Id() {
    return this.#image.record.id;
  }
  get Digest() {
    return this.#image.digest;
  }
  get Created() {
    return `${humanDuration(Date.now() - this.unixCreated * 1000)} ago`;
  }
  get CreatedSince() {
    return this.Created;
  }
  get CreatedAt() {
    return `${new Date(this.unixCreated * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
  }
  get CreatedTime() {
    return this.CreatedAt;
  }
  get Size() {
    return humanSize(this.#image.size, 3).replace(/(\d)(\D+)$/, '$1 $2');
  }
  get VirtualSize() {
    return this.#image.size;
  }
  get SharedSize() {
    return 0;
  }
  get History() {
    return (this.#image.record['names-history'] ?? []).join(', ');
  }
  get ReadOnly() {
    return this.#image.isReadOnly;
  }
  get Dangling() {
    return this.#image.isDangling;
  }
  get Labels() {
    return this.#image.labels ?? {};
  }
  get Names() {
    return this.#image.names;
  }
  get RepoTags() {
    return this.#image.names;
  }
  get RepoDigests() {
    return this.#image.repoDigests;
  }
  get Containers() {
    return this.#image.containers;
  }
  get ParentId() {
    return this.#image.parentId;
  }
  get Arch() {
    return '';
  }
  get Os() {
    return '';
  }

  /** Bytes, to sort by. */
  get bytes(): number {
    return this.#image.size;
  }

  /** Seconds since the epoch, to sort by. */
  get unixCreated(): number {
    this.#unixCreated ??= Math.floor(Date.parse(this.#image.record.created) / 1000);
    return this.#unixCreated;
  }

  /** What `--format json` prints: Podman's field names, empty ones left out where Podman leaves them out. */
  toJson(): Record<string, unknown> {
    const image = this.#image;
    const history = image.record['names-history'] ?? [];
    return {
      Id: image.record.id,
      ParentId: image.parentId,
      RepoTags: null,
      RepoDigests: image.repoDigests,
      Size: image.size,
      SharedSize: 0,
      VirtualSize: image.size,
      Labels: sortedLabels(image.labels),
      Containers: image.containers,
      ...(image.isReadOnly ? { ReadOnly: true } : {}),
      ...(image.isDangling ? { Dangling: true } : {}),
      ...(image.digest ? { Digest: image.digest } : {}),
      ...(history.length > 0 ? { History: history } : {}),
      ...(image.names.length > 0 ? { Names: image.names } : {}),
      Created: this.unixCreated,
      CreatedAt: new Date(this.unixCreated * 1000).toISOString().replace('.000Z', 'Z'),
    };
  }
}

function sortedLabels(labels: Record<string, string> | null): Record<string, string> | null {
  return labels && Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
