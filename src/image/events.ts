/** What happens while an image is copied. The use cases report it; only commands print it. */
import type { Digest } from '../oci/digest.ts';

export type CopyEvent =
  | { type: 'note'; text: string } // a line that Podman prints as it stands
  | { type: 'trying'; name: string }
  | { type: 'signatures' }
  | { type: 'blob'; digest: Digest; size: number; exists: boolean }
  | { type: 'blob-progress'; digest: Digest; bytes: number }
  | { type: 'blob-done'; digest: Digest }
  | { type: 'config'; digest: Digest; size: number }
  | { type: 'manifest' }
  | { type: 'list' } // the index of several images, after them
  | { type: 'retry'; reason: string; attempt: number; tries: number; delay: number };

export type OnCopyEvent = (event: CopyEvent) => void;
