/** An event as `events` prints it: a line of text, or the fields that JSON and templates have. */
import { goTime } from '../cli/units.ts';
import { parseTimestamp } from '../runtime/logs/timestamp.ts';
import type { LoggedEvent } from '../storage/event-log.ts';

/** One line without its newline. */
export function eventText(event: LoggedEvent, truncate: boolean): string {
  const { ID = '', Name = '', Status, Type, network = '', Attributes } = event;
  const id = truncate ? ID.slice(0, 12) : ID;
  const start = `${goTime(event.Time)} ${Type} ${Status}`;
  switch (Type) {
    case 'container':
    case 'pod':
      return `${start} ${id} (${containerFields(event).join(', ')})`;
    case 'network':
      if (Status !== 'create' && Status !== 'remove') return `${start} ${id} (container=${id}, name=${network})`;
      return `${start} ${ID} (name=${network}, type=${Attributes?.['driver'] ?? ''})`;
    case 'image':
      return `${start} ${id} ${Name}${event.error ? ` ${event.error}` : ''}`;
    case 'secret':
      return `${start} ${id}`;
    default:
      return Name === '' ? start : `${start} ${Name}`;
  }
}

function containerFields(event: LoggedEvent): string[] {
  const { Image = '', Name = '', PodID, Status, Attributes } = event;
  const fields = [`image=${Image}`, `name=${Name}`];
  if (PodID) fields.push(`pod_id=${PodID}`);
  if (Status === 'health_status') {
    fields.push(`health_status=${event.health_status ?? ''}`);
    fields.push(`health_failing_streak=${event.health_failing_streak ?? 0}`, `health_log=${event.health_log ?? ''}`);
  }
  return [...fields, ...Object.entries(Attributes ?? {}).map(([key, value]) => `${key}=${value}`)];
}

/** The fields of a template; an event without one of them prints an empty text. */
export class EventRow {
  readonly #event: LoggedEvent;

  constructor(event: LoggedEvent) {
    this.#event = event;
  }

  get ContainerExitCode() {
    return this.#event.ContainerExitCode ?? null;
  }
  get ID() {
    return this.#event.ID ?? '';
  }
  get Image() {
    return this.#event.Image ?? '';
  }
  get Name() {
    return this.#event.Name ?? '';
  }
  get Network() {
    return this.#event.network ?? '';
  }
  get Status() {
    return this.#event.Status;
  }
  get Time() {
    return Number(this.#nanoseconds / 1_000_000_000n);
  }
  get TimeNano() {
    return this.#nanoseconds;
  }
  get Type() {
    return this.#event.Type;
  }
  get HealthStatus() {
    return this.#event.health_status ?? '';
  }
  get Error() {
    return this.#event.error ?? '';
  }
  get ContainerInspectData() {
    return this.#event.ContainerInspectData ?? '';
  }
  get PodID() {
    return this.#event.PodID ?? '';
  }
  get Attributes() {
    return this.#event.Attributes;
  }

  get #nanoseconds(): bigint {
    return parseTimestamp(this.#event.Time) ?? 0n;
  }

  /** The line of `--format json`; nanoseconds are more than a JavaScript number holds. */
  toJson(): string {
    const { ContainerExitCode, ID, Image, Name, network, Status, Type, health_status, error, ...rest } = this.#event;
    const text = JSON.stringify({
      ...(ContainerExitCode === undefined ? {} : { ContainerExitCode }),
      ...{ ID, Image, Name, network, Status, time: this.Time, timeNano: '@', Type, health_status },
      ...{ Error: error, ContainerInspectData: rest.ContainerInspectData, PodID: rest.PodID },
      Attributes: rest.Attributes ?? null,
    });
    return text.replace('"timeNano":"@"', `"timeNano":${this.#nanoseconds}`);
  }
}
