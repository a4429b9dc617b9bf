/** `[CONTAINER:]PATH` as Podman reads it: what begins with a dot or a slash is a path of the host. */
import { TspodError } from '../../errors.ts';

export interface CopyOperand {
  /** Name or id as it was given; null: the host. */
  container: string | null;
  path: string;
}

/** @throws BAD_ARGUMENT without a path */
export function parseOperands(source: string, destination: string): [CopyOperand, CopyOperand] {
  const [from, to] = [parse(source), parse(destination)];
  if (from.path === '' || to.path === '') {
    const words = `invalid arguments "${source}", "${destination}": you must specify paths`;
    throw new TspodError('BAD_ARGUMENT', words);
  }
  return [from, to];
}

function parse(text: string): CopyOperand {
  const colon = text.indexOf(':');
  if (/^[./]/.test(text) || colon < 0) return { container: null, path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}
