import { type RandomBytes, randomIndex } from '../../crypto/index.ts';

export const CODES = 10;
/** Letters and digits but those that look alike on paper: 32 signs, 5 bits each, 40 bits a code. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const HALF = 4;

/** `xxxx-xxxx` (contract 4.3). */
export function newCode(random: RandomBytes): string {
  const half = () =>
    Array.from({ length: HALF }, () => ALPHABET.charAt(randomIndex(random, ALPHABET.length))).join('');
  return `${half()}-${half()}`;
}

/** What was typed, in the form it was shown in: any case, blanks, with or without the dash. */
export function readCode(text: string): string {
  const signs = text.replace(/[\s\p{Pd}]/gu, '').toLowerCase();
  return `${signs.slice(0, HALF)}-${signs.slice(HALF)}`;
}
