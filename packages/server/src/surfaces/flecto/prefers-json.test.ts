import { describe, expect, it } from 'vitest';
import { prefersJson } from './prefers-json.ts';

describe('whoever would rather have JSON', () => {
  it.each([
    ['application/json', true],
    ['application/json, text/plain, */*', true],
    ['text/html;q=0.5, application/json', true],
    ['APPLICATION/JSON;q=0.9', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
    ['text/html, application/json', false],
    ['application/json;q=0', false],
    ['application/json;q=no', false],
    ['*/*', false],
    ['', false],
    [undefined, false],
  ])('by %j: %s', (accept, expected) => {
    expect(prefersJson(accept)).toBe(expected);
  });
});
