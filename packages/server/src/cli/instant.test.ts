import { describe, expect, it } from 'vitest';
import { instant } from './instant.ts';

const NOW = Date.parse('2030-01-31T12:00:00Z');

describe('an instant that is typed', () => {
  it.each([
    ['2030-01-31T12:00:00.001Z', NOW + 1],
    ['2030-01-31T14:00:00+01:00', NOW + 3_600_000],
    ['2030-01-31', Date.parse('2030-01-31T23:59:59.999Z')],
  ])('is read from %s', (text, at) => {
    expect(instant(text, NOW)).toBe(at);
  });

  it.each(['', 'soon', '2030', '2030-02-31T25:00:00Z', '2031-01-31T12:00:00', '31.01.2031'])(
    'is not %j',
    (text) => {
      expect(() => instant(text, NOW)).toThrow(/no instant/);
    },
  );

  it.each(['2030-01-31T12:00:00Z', '2030-01-30', '2020-01-01'])('is to come, as %s is not', (text) => {
    expect(() => instant(text, NOW)).toThrow(/over already/);
  });
});
