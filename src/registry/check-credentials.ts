/** Tries credentials on a registry: what `login` does before it stores them. */
import { hasCode } from '../errors.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

/** False when the registry refuses them. @throws TspodError REGISTRY, UNREACHABLE */
export async function checkCredentials(session: Session): Promise<boolean> {
  try {
    const response = await session.send('/v2/');
    if (response.status === 401 || response.status === 403) {
      await response.body.dump();
      return false;
    }
    if (response.status !== 200)
      throw await registryError(`pinging container registry ${session.options.host}`, response);
    await response.body.dump();
    return true;
  } catch (error) {
    if (hasCode(error, 'UNAUTHORIZED')) return false;
    throw error;
  }
}
