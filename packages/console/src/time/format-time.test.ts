import { describe, expect, it } from 'vitest';
import { formatAbsolute, formatRelative } from './format-time.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

function relative(iso: string): string {
  return formatRelative({ iso, now, locale: 'en' });
}

describe('a time relative to now', () => {
  it.each([
    ['2026-03-01T12:00:00Z', 'now'],
    ['2026-03-01T11:59:20Z', 'now'],
    ['2026-03-01T11:59:10Z', '1 minute ago'],
    ['2026-03-01T11:00:01Z', '59 minutes ago'],
    ['2026-03-01T10:30:00Z', '1 hour ago'],
    ['2026-02-28T12:00:00Z', 'yesterday'],
    ['2026-02-20T12:00:00Z', '9 days ago'],
    ['2025-12-20T12:00:00Z', '2 months ago'],
    ['2023-03-01T12:00:00Z', '3 years ago'],
    ['2026-03-08T12:00:00Z', 'in 7 days'],
  ])('%s reads "%s"', (iso, text) => {
    expect(relative(iso)).toBe(text);
  });

  it('reads "now" when the server\'s clock is a little ahead', () => {
    expect(relative('2026-03-01T12:00:20Z')).toBe('now');
  });

  it('shows a time it cannot read as it came', () => {
    expect(relative('not a time')).toBe('not a time');
    expect(formatAbsolute('not a time')).toBe('not a time');
  });
});

it('writes a time in full with its seconds', () => {
  const text = formatAbsolute('2026-03-01T12:34:56Z', { locale: 'en-GB', timeZone: 'UTC' });
  expect(text).toBe('1 Mar 2026, 12:34:56');
});
