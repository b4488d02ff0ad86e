import { AuthError } from '../../core/errors.ts';
import type { Origin } from '../../core/origin.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { Gate } from '../../core/sign-in/index.ts';

/** Neither a password nor an address: nobody's yet. */
export function isUnclaimed({ passwordChangedAt, email }: LiveSession): boolean {
  return passwordChangedAt === null && email === null;
}

/**
 * Contract 2.4 for accounts without a second factor: the password in the sensitive request's own body. An account
 * that has neither a password nor an address is nobody's yet and passes.
 */
export async function requireProof(
  gate: Gate,
  proved: { session: LiveSession; password: string | null | undefined; origin: Origin },
): Promise<void> {
  const { session, password, origin } = proved;
  if (isUnclaimed(session)) return;
  if (password == null) throw new AuthError('proof-required', { hasSecondFactor: false });
  await gate.proveAgain({ session, method: 'password', proof: { password }, origin });
}
