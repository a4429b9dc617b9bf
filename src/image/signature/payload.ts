/** What a signature signs: which manifest, under which name (containers-signature(5), "Details of a signature"). */
import { TspodError } from '../../errors.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { exactKeys, isObject, parseStrict } from './strict-json.ts';

/** `atomic` is GPG's simple signing, `cosign` what sigstore signs: the same JSON otherwise. */
export type PayloadKind = 'atomic' | 'cosign';

export interface Payload {
  digest: Digest;
  /** A name with tag or digest, as the signer wrote it. */
  reference: string;
}

const types = { atomic: 'atomic container signature', cosign: 'cosign container image signature' } as const;
const creators = { atomic: 'atomic tspod', cosign: 'containers/image tspod' } as const;

/**
 * Reads a payload whose signature was verified. Strict: whatever is unknown in its critical part is refused.
 *
 * @throws TspodError CORRUPT_BLOB
 */
export function parsePayload(bytes: Buffer, kind: PayloadKind): Payload {
  const what = 'signature payload';
  const { critical, optional } = exactKeys(parseStrict(bytes.toString('utf8'), what), ['critical', 'optional'], what);
  checkOptional(optional, kind);
  const { type, image, identity } = exactKeys(critical, ['type', 'image', 'identity'], what);
  if (type !== types[kind]) throw bad(`Unrecognized signature type ${String(type)}`);
  const { 'docker-manifest-digest': digest } = exactKeys(image, ['docker-manifest-digest'], what);
  if (!isDigest(digest)) throw bad(`invalid docker-manifest-digest value ${JSON.stringify(digest)}`);
  const { 'docker-reference': reference } = exactKeys(identity, ['docker-reference'], what);
  if (typeof reference !== 'string') throw bad('the docker-reference is no text');
  return { digest, reference };
}

/** The JSON to sign. */
export function makePayload({ digest, reference }: Payload, kind: PayloadKind): Buffer {
  const critical = {
    identity: { 'docker-reference': reference },
    image: { 'docker-manifest-digest': digest },
    type: types[kind],
  };
  const optional = { creator: creators[kind], timestamp: Math.floor(Date.now() / 1000) };
  return Buffer.from(JSON.stringify({ critical, optional }));
}

function checkOptional(optional: unknown, kind: PayloadKind): void {
  // cosign writes null when there are no annotations.
  if (kind === 'cosign' && optional === null) return;
  if (!isObject(optional)) throw bad('JSON object expected');
  const { creator, timestamp } = optional;
  if (creator !== undefined && typeof creator !== 'string') throw bad('Field optional.creator is no text');
  if (timestamp !== undefined && !Number.isSafeInteger(timestamp)) {
    throw bad('Field optional.timestamp is not an integer');
  }
}

function bad(reason: string): TspodError {
  return new TspodError('CORRUPT_BLOB', reason);
}
