import { expect, it } from 'vitest';
import { parseSearchParams, stringifySearchParams } from './search-params.ts';

it('keeps every digit of a user id', () => {
  expect(parseSearchParams('?query=1234567890123456789')).toEqual({ query: '1234567890123456789' });
});

it('reads back what it wrote', () => {
  const search = { event: 'sign-in.', user_id: '12', query: 'a+b & "c"' };
  expect(parseSearchParams(stringifySearchParams(search))).toEqual(search);
});

it('writes nothing for parameters that are empty or absent', () => {
  expect(stringifySearchParams({ query: '', event: undefined })).toBe('');
});
