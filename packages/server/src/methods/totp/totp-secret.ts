import { Secret } from 'otpauth';
import type { SecretRefusal } from '../../core/errors.ts';
import type { RandomBytes } from '../../crypto/index.ts';

/** RFC 4226 section 4, R6, recommends 160 bits. */
const NEW_BYTES = 20;
/**
 * R6 also asks for 128 bits at least; authenticators that make the secret themselves commonly show 16 characters,
 * which are 80, and a contract that lets the client choose has to take those.
 */
const MIN_BYTES = 10;

export function newSecret(random: RandomBytes): string {
  return new Secret({ buffer: new Uint8Array(random(NEW_BYTES)).buffer }).base32;
}

/** A secret as people and programs write it, in the one form it is kept in: upper case, no blanks, no padding. */
export function readSecret(text: string): { secret: string } | { refused: SecretRefusal } {
  const secret = text.replace(/[\s-]/g, '').replace(/=+$/, '');
  if (!/^[A-Za-z2-7]*$/.test(secret)) return { refused: 'malformed' };
  if (Math.floor((secret.length * 5) / 8) < MIN_BYTES) return { refused: 'too-short' };
  return { secret: secret.toUpperCase() };
}
