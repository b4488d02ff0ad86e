import { describe, expect, it } from 'vitest';
import { readableUrl } from './readable-url.ts';

describe('an address that the router cannot read', () => {
  it.each([
    ['/a/%zz', '/a/%00'],
    ['/a/%ff/b', '/a/%00/b'],
    ['/a/%', '/a/%00'],
    ['/a/%ED%A0%80?x=%zz', '/a/%00?x=%zz'],
    ['/a/12345678901?b=1', '/a/%00?b=1'],
    ['/%zz', '/%00'],
  ])('becomes one that is refused by whom it is for: %s', (url, readable) => {
    expect(readableUrl(url, 10)).toBe(readable);
  });

  it.each([
    '/',
    '/a/b?c=%zz',
    '/a/%C3%A9',
    '/a/1234567890',
    '/a?b=12345678901',
    '/a/%41%41%41%41%41%41',
    '*',
    '',
  ])('is nothing else than what it says: %s', (url) => {
    expect(readableUrl(url, 10)).toBe(url);
  });
});
