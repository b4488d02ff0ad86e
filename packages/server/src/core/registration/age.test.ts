import { describe, expect, it } from 'vitest';
import { isAtLeast } from './age.ts';

describe('who is old enough', () => {
  const now = Date.UTC(2026, 10, 22, 0, 30);

  it.each([
    ['2013-11-21', true],
    ['2013-11-22', true],
    ['2013-11-23', false],
    ['2013-12-01', false],
    ['2014-01-01', false],
    ['1900-01-01', true],
    ['2030-01-01', false],
  ])('born on %s: %s', (dateOfBirth, expected) => {
    expect(isAtLeast(13, dateOfBirth, now)).toBe(expected);
  });

  it('born on a leap day is a year older on the first of March', () => {
    expect(isAtLeast(13, '2012-02-29', Date.UTC(2025, 1, 28))).toBe(false);
    expect(isAtLeast(13, '2012-02-29', Date.UTC(2025, 2, 1))).toBe(true);
  });
});
