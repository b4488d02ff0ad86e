import { expect, it } from 'vitest';
import { instantFrom } from './instant-from.ts';

it('is read from a field in the time zone of whoever filled it', () => {
  expect(instantFrom('2026-03-01T12:00')).toBe(new Date(2026, 2, 1, 12).toISOString());
});

it.each(['', 'soon', '2026-13-01T00:00'])('is none for %j', (field) => {
  expect(instantFrom(field)).toBeNull();
});
