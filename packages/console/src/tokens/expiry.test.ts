import { describe, expect, it } from 'vitest';
import { expiryFrom, isExpired } from './expiry.ts';

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

  it('is read from a field in the time zone of whoever filled it', () => {
    expect(expiryFrom('2026-03-01T12:00')).toBe(new Date(2026, 2, 1, 12).toISOString());
  });

  it.each(['', 'soon', '2026-13-01T00:00'])('is none for %j', (field) => {
    expect(expiryFrom(field)).toBeNull();
  });
});
