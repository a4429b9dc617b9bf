/** `TRANSPORT:DETAILS` to the image that it names. */
import { TspodError } from '../../errors.ts';
import { dir } from './dir.ts';
import { docker } from './docker.ts';
import { dockerArchive } from './docker-archive.ts';
import { oci } from './oci.ts';
import { ociArchive } from './oci-archive.ts';
import { storage } from './storage.ts';
import type { ImageName, Transport } from './transport.ts';

const transports: readonly Transport[] = [storage, dir, docker, dockerArchive, oci, ociArchive];

/** Names of all transports, sorted. */
export const transportNames: readonly string[] = transports.map(({ name }) => name).sort();

/** Those of skopeo that tspod has not. */
const foreign = ['docker-daemon', 'sif', 'tarball', 'atomic', 'ostree'];

/** @throws TspodError BAD_ARGUMENT, UNSUPPORTED for a transport that only other tools have */
export function parseImageName(text: string): ImageName {
  const colon = text.indexOf(':');
  if (colon < 0) {
    throw new TspodError('BAD_ARGUMENT', `invalid image name "${text}", expected colon-separated transport:reference`);
  }
  const transport = transportOf(text);
  if (transport) return transport.parse(text.slice(colon + 1));
  const name = text.slice(0, colon);
  if (foreign.includes(name)) throw new TspodError('UNSUPPORTED', `transport "${name}" is not supported by tspod`);
  throw new TspodError('BAD_ARGUMENT', `invalid image name "${text}", unknown transport "${name}"`);
}

/** The transport that a name starts with; null for none. */
export function transportOf(text: string): Transport | null {
  const name = text.slice(0, Math.max(text.indexOf(':'), 0));
  return transports.find((transport) => transport.name === name) ?? null;
}

/** The name in full, as messages show it. */
export function imageNameText({ transport, rest }: ImageName): string {
  return `${transport}:${rest}`;
}
