import { expect, it } from 'vitest';
import { isColor, readableOn } from './readable.ts';

it.each([
  ['#ffffff', '#000000'],
  ['#000000', '#ffffff'],
  ['#ffff00', '#000000'],
  ['#0000ff', '#ffffff'],
  ['#777777', '#000000'],
])('writes on %s in %s', (color, text) => {
  expect(readableOn(color)).toBe(text);
});

it.each(['', '#fff', 'red', '#12345g', '#1234567'])('takes %j for no colour', (text) => {
  expect(isColor(text)).toBe(false);
});
