import { type RandomBytes, randomBase62 } from '../../crypto/index.ts';

const MAX_USERNAME = 32;
/** Letters that Unicode does not take apart into a base letter and an accent. */
const FOLDED: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  Æ: 'AE',
  Œ: 'OE',
  Ø: 'O',
  Đ: 'D',
  Ð: 'D',
  Þ: 'TH',
  Ł: 'L',
};

/**
 * A username made from a display name (contract 1.2 step 7): accents folded, blanks, hyphens and dots to
 * underscores, the rest dropped, at most 32. Null when nothing usable is left.
 */
export function deriveUsername(globalName: string): string | null {
  const folded = [...globalName]
    .map((letter) => FOLDED[letter] ?? letter)
    .join('')
    .normalize('NFKD')
    .replace(/[\s.-]+/g, '_')
    .replace(/[^a-zA-Z0-9_]/g, '')
    .replace(/_+/g, '_')
    .replace(/^_/, '')
    .slice(0, MAX_USERNAME)
    .replace(/_$/, '');
  return /[a-zA-Z0-9]/.test(folded) && !isReservedUsername(folded) ? folded : null;
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
