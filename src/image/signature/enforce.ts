/** The one place where policy.json is obeyed: every pull, load, push and copy asks here before anything is recorded. */
import { TspodError } from '../../errors.ts';
import type { Reference } from '../../registry/reference.ts';
import { loadPolicy, requirementsFor } from './policy.ts';
import type { Requirement } from './requirement.ts';
import type { Signature } from './signature.ts';

/** An image that a policy is asked about. */
export interface PolicySubject {
  /** `docker`, `oci`, `containers-storage` and so on. */
  transport: string;
  /** What policy.json may call it, most specific first. */
  scopes: readonly string[];
  /** For messages: `docker://quay.io/a/b:latest`. */
  name: string;
  /** The name that a signature must be for; null for an image that has none. */
  reference: Reference | null;
}

/** The same with what its signatures are about. */
export interface SignedSubject extends PolicySubject {
  /** The manifest that will be used: of an index, the chosen one. */
  manifest: Buffer;
  /** Called at most once, and only when a signature is asked for. */
  signatures(): Promise<Signature[]>;
}

/**
 * Passes, or throws: nothing of the image may be kept then.
 *
 * @param file the policy.json to obey instead of the user's
 * @throws TspodError POLICY in Podman's words, UNSUPPORTED, MISSING_PROGRAM, BAD_CONFIG, and what reading signatures throws
 */
export async function enforcePolicy(subject: SignedSubject, file?: string): Promise<void> {
  const requirements = requirementsOf(subject, file);
  let read: Promise<Signature[]> | undefined;
  const signatures = () => {
    read ??= subject.signatures();
    return read;
  };
  for (const requirement of requirements) {
    const reason = await refusal(requirement, { ...subject, signatures });
    if (reason !== null) throw rejected(reason);
  }
}

/** The part that needs no manifest: a rejected image is not even asked for. @throws TspodError POLICY, BAD_CONFIG */
export function refuseRejected(subject: PolicySubject, file?: string): void {
  const reject = requirementsOf(subject, file).some(({ type }) => type === 'reject');
  if (reject) throw rejected(rejectionOf(subject));
}

function requirementsOf({ transport, scopes }: PolicySubject, file: string | undefined): Requirement[] {
  const policy = loadPolicy(file);
  // Podman refuses to work without the file; a fresh machine has none, and no file asks for nothing.
  return policy ? requirementsFor(policy, transport, scopes) : [];
}

async function refusal(requirement: Requirement, subject: SignedSubject): Promise<string | null> {
  switch (requirement.type) {
    case 'insecureAcceptAnything':
      return null;
    case 'reject':
      return rejectionOf(subject);
    case 'signedBy': {
      const { refusalOfSignedBy } = await import('./signed-by.ts');
      return refusalOfSignedBy(requirement, subject);
    }
    case 'sigstoreSigned': {
      const { refusalOfSigstore } = await import('./sigstore-signed.ts');
      return refusalOfSigstore(requirement, subject);
    }
    case 'unsupported':
      throw new TspodError(
        'UNSUPPORTED',
        `Source image rejected: the policy for ${subject.name} requires ${requirement.what}, which tspod cannot check`,
      );
  }
}

function rejectionOf({ name }: PolicySubject): string {
  return `Running image ${name} is rejected by policy`;
}

function rejected(reason: string): TspodError {
  return new TspodError('POLICY', `Source image rejected: ${reason}`);
}
