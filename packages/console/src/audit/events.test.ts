import { expect, it } from 'vitest';
import { eventTone } from './events.ts';

it.each([
  ['sign-in.refused', 'bad'],
  ['sign-in.succeeded', 'good'],
  ['user.suspended', 'warning'],
  ['something-new.refused', 'bad'],
  ['something-new', 'neutral'],
])('%s looks %s', (event, tone) => {
  expect(eventTone(event)).toBe(tone);
});
