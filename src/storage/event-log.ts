/**
 * The journal of events: a file of JSON lines in Podman's format (libpod/events), of which `events` shows a part. One
 * write per event and no fsync: it is on the path of every command.
 */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors.ts';
import { timestamp } from '../system/clock.ts';
import { lockOpened } from '../system/lock.ts';

export type EventType = 'container' | 'image' | 'network' | 'pod' | 'secret' | 'system' | 'volume';

/** Names and order as in Podman's JSON. */
export interface LoggedEvent {
  ContainerExitCode?: number;
  ID?: string;
  Image?: string;
  Name?: string;
  network?: string;
  Status: string;
  /** RFC 3339 with nanoseconds. */
  Time: string;
  Type: EventType;
  health_status?: string;
  health_log?: string;
  health_failing_streak?: number;
  error?: string;
  ContainerInspectData?: string;
  PodID?: string;
  /** Labels of a container, and so on. */
  Attributes: Record<string, string> | null;
}

export type NewEvent = Omit<LoggedEvent, 'Time' | 'Attributes'> & { Attributes?: Record<string, string> | null };

export interface EventSettings {
  path: string;
  /** Bytes at which the older half of the file is dropped, 0 for no limit. */
  maxSize: number;
}

export class EventLog {
  readonly #settings: () => EventSettings | null;

  /** @param settings null: events are switched off */
  constructor(settings: () => EventSettings | null) {
    this.#settings = settings;
  }

  /** Where events go, null when they are switched off. */
  get settings(): EventSettings | null {
    return this.#settings();
  }

  /** Notes what has just happened. It never fails: nothing else may go wrong because the journal cannot be written. */
  write(event: NewEvent): void {
    const settings = this.#settings();
    if (!settings) return;
    try {
      append(settings, eventLine(event));
    } catch {
      // A full disk, or a folder that somebody took away.
    }
  }
}

/** One line with its newline. Empty fields are left out, as Go leaves them out. */
export function eventLine(event: NewEvent): string {
  const { ContainerExitCode, ID, Image, Name, network, Status, Type, Attributes = null, ...rest } = event;
  const ordered = {
    ContainerExitCode,
    ID: ID || undefined,
    Image: Image || undefined,
    Name: Name || undefined,
    network: network || undefined,
    Status,
    Time: timestamp(),
    Type,
    health_status: rest.health_status || undefined,
    health_log: rest.health_log || undefined,
    health_failing_streak: rest.health_failing_streak || undefined,
    error: rest.error || undefined,
    ContainerInspectData: rest.ContainerInspectData || undefined,
    PodID: rest.PodID || undefined,
    Attributes,
  };
  return `${JSON.stringify(ordered)}\n`;
}

const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;

/** A shared lock keeps the file from being replaced between open and write. */
function append({ path, maxSize }: EventSettings, line: string): void {
  for (let tries = 0, full = false; tries < 5; tries++) {
    const fd = open(path);
    try {
      lockOpened(fd, full ? 'exclusive' : 'shared');
      const { nlink, size } = fstatSync(fd);
      if (nlink === 0) continue;
      const tooLong = maxSize > 0 && size > 0 && size + line.length >= maxSize;
      if (!tooLong || tries === 4) return void writeSync(fd, line);
      if (full) rotate(path, fd, size, line);
      if (full) return;
      full = true;
    } finally {
      closeSync(fd);
    }
  }
}

function open(path: string): number {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, flags, 0o600);
  }
}

/** Cold: once in thousands of events. */
function rotate(path: string, fd: number, size: number, line: string): void {
  const half = Buffer.alloc(size - Math.floor(size / 2));
  const kept = half.subarray(0, readSync(fd, half, 0, half.length, Math.floor(size / 2)));
  const mark = (which: string) =>
    eventLine({ Name: path, Status: 'log-rotation', Type: 'system', Attributes: { 'io.podman.event.rotate': which } });
  const temporary = `${path}.new`;
  const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
  const out = openSync(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o600);
  try {
    // What is left of the line in the middle goes too.
    const whole = kept.subarray(kept.indexOf(10) + 1);
    writeSync(out, Buffer.concat([Buffer.from(mark('begin')), whole, Buffer.from(mark('end') + line)]));
  } finally {
    closeSync(out);
  }
  renameSync(temporary, path);
}
