import { type RandomBytes, randomIndex } from '../../crypto/index.ts';

/** Contract 1.15: no I, L, O, 0 or 1, which people mistake for each other. Eight of them are 39.6 bits. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LENGTH = 8;
const FORM = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`, 'i');

export function newCode(random: RandomBytes): string {
  return Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomIndex(random, ALPHABET.length))).join('');
}

/** As it is shown: `XXXX-XXXX`. */
export function shownCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** The one form of whatever spelling a person typed; null when it cannot be a code. */
export function normalCode(text: string): string | null {
  const code = text.replace(/[-\s]/g, '');
  // Looked at before it is upper-cased, which makes letters of the alphabet out of some that are not.
  return FORM.test(code) ? code.toUpperCase() : null;
}
