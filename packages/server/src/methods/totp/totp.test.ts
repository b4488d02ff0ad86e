import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Secret } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { matchStep } from './totp.ts';
import { newSecret, readSecret } from './totp-secret.ts';

/** The secret of both specifications: the text `12345678901234567890`. */
const SECRET = Secret.fromLatin1('12345678901234567890').base32;
const SECOND = 1_000;

describe('a time code', () => {
  // RFC 6238 appendix B, the rows of SHA-1; there with eight digits, of which ours are the last six.
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %d seconds is that of RFC 6238 [B01]', (seconds, code) => {
    expect(matchStep(SECRET, code.slice(-6), seconds * SECOND)).toBe(Math.floor(seconds / 30));
  });

  // RFC 4226 appendix D.
  it.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [3, '969429'],
    [4, '338314'],
    [5, '254676'],
    [6, '287922'],
    [7, '162583'],
    [8, '399871'],
    [9, '520489'],
  ])('of step %d is that of RFC 4226 [B01]', (step, code) => {
    expect(matchStep(SECRET, code, step * 30 * SECOND)).toBe(step);
  });

  // The code's step is from 1,111,111,110 up to but without 1,111,111,140.
  it.each([
    [-91, null],
    [-61, null],
    [-31.001, null],
    [-31, 37_037_037],
    [-29, 37_037_037],
    [0, 37_037_037],
    [29, 37_037_037],
    [31, 37_037_037],
    [58.999, 37_037_037],
    [59, null],
    [61, null],
    [91, null],
  ])('is good %d seconds away from second 1,111,111,111 or not: %s [B01]', (away, step) => {
    expect(matchStep(SECRET, '050471', (1_111_111_111 + away) * SECOND)).toBe(step);
  });

  it.each([
    '',
    '28708',
    '2870820',
    '94287082',
    ' 87082',
    '287-82',
    '2.8e10',
    '-87082',
    '２８７０８２',
    '٢٨٧٠٨٢',
    '𝟚𝟠𝟟',
    '\ud835287',
    '28708O',
    '000000',
  ])('is not %j', (text) => {
    expect(matchStep(SECRET, text, 59 * SECOND)).toBeNull();
  });
});

describe('a secret', () => {
  it.each([
    ['as it is kept', 'JBSWY3DPEHPK3PXP', 'JBSWY3DPEHPK3PXP'],
    ['in small letters and groups', 'jbsw y3dp  ehpk 3pxp', 'JBSWY3DPEHPK3PXP'],
    ['with dashes', 'JBSW-Y3DP-EHPK-3PXP', 'JBSWY3DPEHPK3PXP'],
    ['with padding', 'GEZDGNBVGY3TQOJQGEZDGNBVGY======', 'GEZDGNBVGY3TQOJQGEZDGNBVGY'],
    ['of 256 signs', 'A'.repeat(256), 'A'.repeat(256)],
  ])('is read %s', (_how, text, secret) => {
    expect(readSecret(text)).toEqual({ secret });
  });

  it.each([
    ['with a digit that base32 has not', 'JBSWY3DPEHPK3PX1', 'malformed'],
    ['with padding in the middle', 'JBSW=Y3DPEHPK3PXP', 'malformed'],
    ['in hexadecimal', '3132333435363738393031323334353637383930', 'malformed'],
    ['with a letter that folds into one of ours', 'JBSWY3DPEHPK3PX\u017f', 'malformed'],
    ['with other digits', 'JBSWY3DPEHPK３PXP', 'malformed'],
    ['of 75 bits', 'JBSWY3DPEHPK3PX', 'too-short'],
    ['of padding alone', '========', 'too-short'],
    ['of nothing', '', 'too-short'],
  ])('is refused %s', (_how, text, refused) => {
    expect(readSecret(text)).toEqual({ refused });
  });

  it('is read the same however it is spelt', () => {
    const anyCase = fc.string({ unit: fc.constantFrom(...'abcDEFghi234567'), minLength: 16, maxLength: 64 });
    fc.assert(
      fc.property(anyCase, fc.nat(), (text, at) => {
        const gap = at % text.length;
        const spelt = `${text.slice(0, gap)} ${text.slice(gap)}==`;
        expect(readSecret(spelt)).toEqual({ secret: text.toUpperCase() });
      }),
    );
  });

  it('of our own has 160 bits and is never the same', () => {
    const made = Array.from({ length: 50 }, () => newSecret(randomBytes));
    expect(new Set(made).size).toBe(50);
    for (const secret of made) {
      expect(Secret.fromBase32(secret).bytes).toHaveLength(20);
      expect(readSecret(secret)).toEqual({ secret });
    }
  });
});
