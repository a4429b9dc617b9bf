/** The mounts that one source (command line, image, another container) asks for, by destination. */
import { posix } from 'node:path';
import type { BindMount, ImageVolume, NamedVolume, OverlayVolume } from '../container.ts';
import { badArgument } from './bad-argument.ts';

export type MountRequest =
  | { kind: 'mount'; mount: BindMount }
  | { kind: 'volume'; volume: NamedVolume }
  | { kind: 'overlay'; overlay: OverlayVolume }
  | { kind: 'image'; image: ImageVolume };

/** Destination, cleaned, to what is mounted there. */
export type MountSet = Map<string, MountRequest>;

export function destinationOf(request: MountRequest): string {
  if (request.kind === 'mount') return request.mount.destination;
  if (request.kind === 'volume') return request.volume.destination;
  return request.kind === 'overlay' ? request.overlay.destination : request.image.destination;
}

/** @throws BAD_ARGUMENT when something else is mounted there already; saying the same twice is no error. */
export function addMount(set: MountSet, request: MountRequest): void {
  const destination = destinationOf(request);
  const before = set.get(destination);
  if (before && JSON.stringify(before) !== JSON.stringify(request)) {
    badArgument(`${destination}: duplicate mount destination`);
  }
  set.set(destination, request);
}

/** A clean absolute path in the container. */
export function checkDestination(path: string): string {
  if (path === '') badArgument('container directory cannot be empty');
  if (!path.startsWith('/')) badArgument(`invalid container path ${JSON.stringify(path)}, must be an absolute path`);
  const clean = posix.normalize(path);
  return clean.length > 1 ? clean.replace(/\/$/, '') : clean;
}
