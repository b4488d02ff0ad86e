import anyAscii from 'any-ascii';
import { type RandomBytes, randomBase62 } from '../../crypto/index.ts';

const MAX_USERNAME = 32;

/**
 * A username made from a display name (contract 1.2 step 7): its letters in Latin ones, blanks, hyphens and dots to
 * underscores, the rest dropped, at most 32. Null when nothing usable is left.
 */
export function deriveUsername(globalName: string): string | null {
  // Signs that are no letters have names in ASCII too, which nobody meant.
  const letters = globalName.normalize('NFKC').replace(/[^\p{L}\p{M}\p{N}\s._-]/gu, '');
  const derived = anyAscii(letters)
    .replace(/[\s.-]+/g, '_')
    .replace(/[^a-zA-Z0-9_]/g, '')
    .replace(/_+/g, '_')
    .replace(/^_/, '')
    .slice(0, MAX_USERNAME)
    .replace(/_$/, '');
  return /[a-zA-Z0-9]/.test(derived) && !isReservedUsername(derived) ? derived : null;
}

/** For an account that gave neither a username nor a display name. */
export function randomUsername(random: RandomBytes): string {
  return `user_${randomBase62(random, 10).toLowerCase()}`;
}

/** Names that would speak for everybody, or for the people who run the place (contract 0.4). */
function isReservedUsername(username: string): boolean {
  const folded = username.toLowerCase();
  return folded === 'everyone' || folded === 'here' || /fluxer|system[ _]message/.test(folded);
}
