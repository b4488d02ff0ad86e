import { expect, it } from 'vitest';
import { slugFrom } from './slug.ts';

it.each([
  ['The shop', 'the-shop'],
  ['  Über & Söhne!', 'uber-sohne'],
  ['---', ''],
  ['日本', ''],
  [`${'a'.repeat(49)} b`, 'a'.repeat(49)],
])('makes of %j the short name %j', (name, slug) => {
  expect(slugFrom(name)).toBe(slug);
});
