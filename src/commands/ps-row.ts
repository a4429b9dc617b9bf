/** A container as `ps` shows it: the fields that tables and templates may name. */
import { goTime, humanDuration, humanSize } from '../cli/units.ts';
import type { PsEntry } from '../runtime/ps.ts';
import { portsText } from './ps-ports.ts';

export class PsRow {
  readonly #entry: PsEntry;
  readonly #trunc: boolean;
  readonly #now = Date.now();

  constructor(entry: PsEntry, trunc: boolean) {
    this.#entry = entry;
    this.#trunc = trunc;
  }

  #short(id: string): string {
    return this.#trunc ? id.slice(0, 12) : id;
  }

  get ID() {
    return this.#short(this.#entry.Id);
  }
  get Image() {
    return this.#entry.Image;
  }
  get ImageID() {
    return this.#short(this.#entry.ImageID);
  }
  get Command() {
    const text = this.#entry.Command.join(' ');
    return this.#trunc && text.length > 17 ? `${text.slice(0, 17)}...` : text;
  }
  get Created() {
    return goTime(this.#entry.Created);
  }
  get CreatedAt() {
    return goTime(this.#entry.Created);
  }
  get CreatedHuman() {
    return `${humanDuration(this.#now - Date.parse(this.#entry.Created))} ago`;
  }
  get RunningFor() {
    return this.CreatedHuman;
  }
  get State() {
    return this.#entry.State;
  }
  get Status() {
    const { Status: health } = this.#entry;
    return health === '' ? this.#stateText() : `${this.#stateText()} (${health})`;
  }
  #stateText(): string {
    const { State, StartedAt, ExitedAt, ExitCode } = this.#entry;
    if (State === 'running') return `Up ${humanDuration(this.#now - StartedAt * 1000)}`;
    if (State === 'exited') return `Exited (${ExitCode}) ${humanDuration(this.#now - ExitedAt * 1000)} ago`;
    return State.charAt(0).toUpperCase() + State.slice(1);
  }
  get Ports() {
    return portsText(this.#entry.Ports ?? [], this.#entry.ExposedPorts ?? {});
  }
  get ExposedPorts() {
    return this.#entry.ExposedPorts ?? {};
  }
  get Names() {
    return this.#entry.Names[0] ?? '';
  }
  get Networks() {
    return this.#entry.Networks.join(',');
  }
  get Labels() {
    return new Map(Object.entries(this.#entry.Labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  Label(name: string): string {
    return this.#entry.Labels?.[name] ?? '';
  }
  get Mounts() {
    return this.#entry.Mounts;
  }
  get Size() {
    const size = this.#entry.Size;
    return size ? `${humanSize(size.rwSize, 3)} (virtual ${humanSize(size.rootFsSize, 3)})` : '';
  }
  get Pid() {
    return this.#entry.Pid;
  }
  get Pod() {
    return this.#short(this.#entry.Pod);
  }
  get PodName() {
    return this.#entry.PodName;
  }
  get Restarts() {
    return String(this.#entry.Restarts);
  }
  get AutoRemove() {
    return this.#entry.AutoRemove;
  }
  get CIDFile() {
    return this.#entry.CIDFile;
  }
  get Exited() {
    return this.#entry.Exited;
  }
  get ExitedAt() {
    return this.#entry.ExitedAt;
  }
  get ExitCode() {
    return this.#entry.ExitCode;
  }
  get StartedAt() {
    return this.#entry.StartedAt;
  }
  get IsInfra() {
    return this.#entry.IsInfra;
  }
  get Cgroup() {
    return this.#entry.Namespaces.Cgroup ?? '';
  }
  get CGROUPNS() {
    return this.Cgroup;
  }
  get IPC() {
    return this.#entry.Namespaces.Ipc ?? '';
  }
  get MNT() {
    return this.#entry.Namespaces.Mnt ?? '';
  }
  get NET() {
    return this.#entry.Namespaces.Net ?? '';
  }
  get PIDNS() {
    return this.#entry.Namespaces.Pidns ?? '';
  }
  get USERNS() {
    return this.User;
  }
  get User() {
    return this.#entry.Namespaces.User ?? '';
  }
  get UTS() {
    return this.#entry.Namespaces.Uts ?? '';
  }
  get Namespaces() {
    const { MNT, NET, PIDNS, UTS, IPC, User, Cgroup } = this;
    return { MNT, NET, PIDNS, UTS, IPC, User, Cgroup };
  }

  /** What `--format json` prints: Podman's fields in Podman's order. */
  static json(entry: PsEntry): Record<string, unknown> {
    const row = new PsRow(entry, false);
    const { AutoRemove, Command, Created, ...rest } = entry;
    const created = Math.floor(Date.parse(Created) / 1000);
    return { AutoRemove, Command, CreatedAt: row.CreatedHuman, ...rest, Status: row.Status, Created: created };
  }
}
