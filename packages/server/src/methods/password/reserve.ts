import { AuthError } from '../../core/errors.ts';
import { HasherFullError, type HashPlace, type PasswordHasher } from '../../crypto/index.ts';

/** How long a client should wait before it tries a full queue again. */
const RETRY_AFTER_SECONDS = 2;

/** A place in the hash queue, or the public refusal that nothing was spent for. */
export function reservePlace(hasher: PasswordHasher): HashPlace {
  try {
    return hasher.reserve();
  } catch (error) {
    if (error instanceof HasherFullError) {
      throw new AuthError('overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    throw error;
  }
}
