import { expect, it } from 'vitest';
import { durationOf, secondsOf } from './duration.ts';

it.each([
  [604_800, '7', 'days'],
  [86_400, '1', 'days'],
  [90_000, '25', 'hours'],
  [5400, '90', 'minutes'],
  [61, '61', 'seconds'],
  [0, '0', 'seconds'],
] as const)('writes %d seconds as %s %s, and reads them back', (seconds, amount, unit) => {
  expect(durationOf(seconds)).toEqual({ amount, unit });
  expect(secondsOf({ amount, unit })).toBe(seconds);
});

it.each(['', '1.5', '-1', 'x', '1e3'])('finds no time in %j', (amount) => {
  expect(secondsOf({ amount, unit: 'days' })).toBeNaN();
});
