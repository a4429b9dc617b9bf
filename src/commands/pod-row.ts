/** A pod as `pod ps` shows it: the fields that tables and templates may name. */
import { humanDuration } from '../cli/units.ts';
import type { PodEntry } from '../runtime/pod/ps.ts';

export class PodRow {
  readonly #entry: PodEntry;
  readonly #trunc: boolean;

  constructor(entry: PodEntry, trunc: boolean) {
    this.#entry = entry;
    this.#trunc = trunc;
  }

  #short(id: string): string {
    return this.#trunc ? id.slice(0, 12) : id;
  }

  get Id() {
    return this.#short(this.#entry.Id);
  }
  get ID() {
    return this.Id;
  }
  get Name() {
    return this.#entry.Name;
  }
  get Status() {
    return this.#entry.Status;
  }
  get Created() {
    return `${humanDuration(Date.now() - Date.parse(this.#entry.Created))} ago`;
  }
  get InfraId() {
    return this.#short(this.#entry.InfraId);
  }
  get InfraID() {
    return this.InfraId;
  }
  get Cgroup() {
    return this.#entry.Cgroup;
  }
  get Namespace() {
    return this.#entry.Namespace;
  }
  get Networks() {
    return this.#entry.Networks.join(',');
  }
  get Labels() {
    return new Map(Object.entries(this.#entry.Labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  Label(name: string): string {
    return this.#entry.Labels[name] ?? '';
  }
  get NumberOfContainers() {
    return this.#entry.Containers.length;
  }
  get Containers() {
    return this.#entry.Containers;
  }
  get ContainerIds() {
    return this.#entry.Containers.map(({ Id }) => this.#short(Id)).join(',');
  }
  get ContainerNames() {
    return this.#entry.Containers.map(({ Names }) => Names).join(',');
  }
  get ContainerStatuses() {
    return this.#entry.Containers.map(({ Status }) => Status).join(',');
  }
  get Restarts() {
    return String(this.#entry.Containers.reduce((sum, { RestartCount }) => sum + RestartCount, 0));
  }
}
