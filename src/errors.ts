/**
 * The one error class for everything that a user can reach.
 *
 * The code is closed so that only `cli/exit-code.ts` has to know numbers; the message is one line without a full
 * stop, names its subject, and uses Podman's words where Podman has them.
 */
export type ErrorCode =
  | 'BAD_ARGUMENT' // the command line or an option value is wrong
  | 'UNKNOWN_FLAG'
  | 'UNKNOWN_COMMAND'
  | 'UNSUPPORTED' // valid in Podman, refused here by name
  | 'BAD_CONFIG' // a configuration file that cannot be read or parsed
  | 'NO_SUCH_CONTAINER'
  | 'NO_SUCH_IMAGE'
  | 'NO_SUCH_NETWORK'
  | 'NO_SUCH_VOLUME'
  | 'NO_SUCH_POD'
  | 'NO_SUCH_SECRET'
  | 'NO_SUCH_EXEC_SESSION'
  | 'AMBIGUOUS_NAME' // an id prefix that fits several
  | 'NAME_IN_USE'
  | 'IMAGE_IN_USE'
  | 'LAYER_IN_USE'
  | 'CONTAINER_STATE' // the operation does not fit the state the container is in
  | 'COMMAND_NOT_FOUND' // 127
  | 'COMMAND_NOT_EXECUTABLE' // 126
  | 'RUNTIME_FAILED' // crun or runc said no
  | 'MONITOR_FAILED'
  | 'NETWORK_FAILED'
  | 'PORT_IN_USE'
  | 'REGISTRY' // the registry answered with an error
  | 'UNAUTHORIZED'
  | 'NOT_FOUND' // the registry has no such thing
  | 'UNREACHABLE' // no connection to the registry
  | 'CORRUPT_BLOB' // wrong digest, size or format of what was downloaded
  | 'CORRUPT_STORE'
  | 'REFUSED_LAYER' // a hostile or malformed entry in a layer
  | 'POLICY' // policy.json or a blocked registry
  | 'LOCKED'
  | 'NO_SPACE'
  | 'NO_PERMISSION'
  | 'MISSING_PROGRAM' // a program of the host that is needed
  | 'TIMEOUT'
  | 'SYSTEM'; // any other errno

export interface TspodErrorOptions {
  /** A second line for the user: what to do about it. */
  hint?: string;
  cause?: unknown;
  /** Set only where the number does not follow from the code (for example: a container's own exit code). */
  exitCode?: number;
}

export class TspodError extends Error {
  override readonly name: string = 'TspodError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly exitCode: number | undefined;

  constructor(code: ErrorCode, message: string, options: TspodErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode;
  }
}

/** True for a TspodError with one of these codes: catch what you expect, let the rest pass. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is TspodError {
  return error instanceof TspodError && codes.includes(error.code);
}

/** True for an error of the kernel with this name, for example `ENOENT`. */
export function hasErrno(error: unknown, ...names: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && names.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
