/** What the use cases of images work with; the Engine is one. */
import type { Digest } from '../oci/digest.ts';
import type { ImageConfig } from '../oci/image-spec.ts';
import type { EventLog } from '../storage/event-log.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';

export interface SystemContext {
  authFile?: string;
  certDir?: string;
  /** Undefined: registries.conf decides. */
  tlsVerify?: boolean;
  /** The registries.conf to read instead of the system's. */
  registriesConf?: string;
  /** Tries after the first one. */
  retry?: number | undefined;
  /** Milliseconds. */
  retryDelay?: number | undefined;
  /** The policy.json to obey instead of the system's. */
  policyFile?: string;
}

export interface ImageContext {
  readonly store: Store;
  readonly systemContext?: SystemContext;
  readonly journal?: EventLog;
}

/** Notes what happened to an image. */
export function imageEvent({ journal }: ImageContext, Status: string, ID: string, Name: string): void {
  journal?.write({ ID, Name, Status, Type: 'image' });
}

export interface ResolvedImage {
  record: ImageRecord;
  /** The name under which it was found: a full name, or the id that was given. */
  name: string;
  config: ImageConfig;
  /** Of the manifest or the index it was pulled by; '' when unknown. */
  digest: Digest | '';
}
