import { TspodError } from '../../errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { readBody } from '../../registry/read-body.ts';
import type { ImageReader } from '../transport/transport.ts';
import { verified } from './verified.ts';

/** Longest configuration that is read, in bytes. */
const configLimit = 8 * 1024 * 1024;

/** The configuration of an image, checked. @throws TspodError CORRUPT_BLOB */
export async function readConfig(reader: ImageReader, config: Descriptor): Promise<Buffer> {
  const { digest, size } = config;
  const bytes = size > configLimit ? null : await readBody(verified(reader.blob(config), config), configLimit);
  if (bytes) return bytes;
  throw new TspodError('CORRUPT_BLOB', `reading config ${digest}: ${size} bytes are more than ${configLimit}`);
}
