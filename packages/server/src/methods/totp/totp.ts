import { HOTP, Secret } from 'otpauth';
import { sameSecret } from '../../crypto/index.ts';

export const STEP_MS = 30_000;
const DIGITS = 6;

/**
 * The step whose code this is, among the one of now (milliseconds since 1970) and its neighbours; null when it is
 * none of theirs. `secret` in base32. No clock, no memory: that a step counts once is the store's to see to.
 */
export function matchStep(secret: string, code: string, now: number): number | null {
  // Other writing systems have digits too; they are longer than ours and would break the comparison.
  if (!/^[0-9]{6}$/.test(code)) return null;
  const key = Secret.fromBase32(secret);
  const current = Math.floor(now / STEP_MS);
  let matched: number | null = null;
  // All three are always compared. Should two have the same code, the later counts, and the earlier with it.
  for (const step of [current - 1, current, current + 1]) {
    if (step >= 0 && sameSecret(codeOf(key, step), code)) matched = step;
  }
  return matched;
}

function codeOf(secret: Secret, step: number): string {
  return HOTP.generate({ secret, algorithm: 'SHA1', digits: DIGITS, counter: step });
}
