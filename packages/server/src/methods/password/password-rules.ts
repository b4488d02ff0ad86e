import { dictionary } from '@zxcvbn-ts/language-common';
import type { PasswordRefusal } from '../../core/errors.ts';
import { MAX_PASSWORD_UNITS } from '../../core/sign-in/index.ts';

/** Contract 0.3 and 0.4, counted in code points after NFKC. */
const MIN_LENGTH = 8;
const MAX_LENGTH = 256;
/** Fewer own characters than this beside a word that everybody knows of the person make no password. */
const MIN_OWN_CHARACTERS = 6;
const MIN_WORD = 4;

const common: ReadonlySet<string> = new Set(
  (dictionary['passwords-common'] as readonly string[]).filter((password) => password.length >= MIN_LENGTH),
);

/** The one form in which a password is set and checked. */
export function normalPassword(password: string): string {
  return password.normalize('NFKC');
}

/**
 * Why a password may not be used, or null. No composition rules and no expiry: length, form, the 17,950 best
 * known passwords, and passwords that are little more than the person's or the site's own name (A01-A06).
 */
export function passwordRefusal(password: string, ownWords: readonly string[]): PasswordRefusal | null {
  if (!password.isWellFormed() || password.includes('\0')) return 'malformed';
  if (password.length > MAX_PASSWORD_UNITS) return 'length';
  const normal = normalPassword(password);
  const length = [...normal].length;
  if (length < MIN_LENGTH || length > MAX_LENGTH) return 'length';
  const folded = normal.toLowerCase();
  return common.has(folded) || common.has(normal) || isOwnWord(folded, ownWords) ? 'common' : null;
}

/** `alice2026!` for alice: what is left without the word is too short, or only digits and signs. */
function isOwnWord(folded: string, ownWords: readonly string[]): boolean {
  return ownWords
    .map((word) => word.toLowerCase())
    .filter((word) => word.length >= MIN_WORD && folded.includes(word))
    .some((word) => {
      const rest = folded.split(word).join('');
      return [...rest].length < MIN_OWN_CHARACTERS || !/\p{L}/u.test(rest);
    });
}
