import { describe, expect, it } from 'vitest';
import {
  asksForMailboxAgain,
  SUSPICION_LEFT,
  SUSPICIONS,
  suspicionBits,
  suspicionNames,
} from './suspicion.ts';

describe('suspicions, contract 5.5', () => {
  it('have the bits that the contract numbers them by', () => {
    expect(SUSPICIONS.map((name) => suspicionBits([name]))).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
    expect(suspicionNames(0)).toEqual([]);
    expect(suspicionNames(255)).toEqual([...SUSPICIONS]);
    expect(suspicionBits(suspicionNames(0b1010_0101))).toBe(0b1010_0101);
    expect(suspicionBits(['REQUIRE_VERIFIED_EMAIL', 'REQUIRE_VERIFIED_EMAIL'])).toBe(1);
  });

  const bitsThat = (holds: (bit: number) => boolean) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => holds(1 << bit));

  it('are settled by the mailbox, by the phone, or by either', () => {
    expect(bitsThat((bit) => (bit & SUSPICION_LEFT.email) === 0)).toEqual([0, 1, 4, 5, 6, 7]);
    expect(bitsThat((bit) => (bit & SUSPICION_LEFT.phone) === 0)).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it('ask some for a mailbox that was proved already', () => {
    expect(bitsThat(asksForMailboxAgain)).toEqual([1, 5, 6, 7]);
  });
});
