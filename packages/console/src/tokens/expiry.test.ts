import { describe, expect, it } from 'vitest';
import { isExpired } from './expiry.ts';

const at = '2026-03-01T12:00:00.000Z';

describe('an expiry', () => {
  it.each([
    [null, 0, false],
    [at, Date.parse(at) - 1, false],
    [at, Date.parse(at), false],
    [at, Date.parse(at) + 1, true],
  ])('of %s is over at %i: %s', (expiresAt, now, isOver) => {
    expect(isExpired(expiresAt, now)).toBe(isOver);
  });
});
