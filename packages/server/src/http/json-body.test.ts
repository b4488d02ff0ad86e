import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonBodyError, parseJsonBody } from './json-body.ts';

describe('a JSON body', () => {
  it.each(['', ' ', '\n\t\r '])('of nothing is an empty object: %j', (text) => {
    expect(parseJsonBody(text)).toEqual({});
  });

  it('is what JSON says it is, whatever it holds', () => {
    // Whole numbers beyond 2^53 are the next tests'.
    const text = fc.json({ maxDepth: 6 }).filter((json) => !/\d{16}|__proto__/.test(json));
    fc.assert(
      fc.property(text, (json) => {
        expect(parseJsonBody(json)).toEqual(JSON.parse(json));
      }),
      { numRuns: 300 },
    );
  });

  it('throws nothing but its own error for any text, and never a wrong value', () => {
    const bits = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      '\\',
      'a',
      '1',
      ' ',
      'null',
      '\\u0061',
      '"a"',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 24 }), (parts) => {
        const text = parts.join('');
        let value: unknown;
        try {
          value = parseJsonBody(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonBodyError);
          return;
        }
        if (text.trim() !== '') expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":{},"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":1,"b":2}}',
    '[{"a":1,"a":2}]',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
    '{"a":"\\"","a":1}',
  ])('may not say the same key twice: %s [E07]', (text) => {
    expect(() => parseJsonBody(text)).toThrow(JsonBodyError);
  });

  it.each([
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":"a"}',
    '{"a":["a","a"]}',
    '{"a":"\\",\\"a\\":","b":1}',
    '{"a\\\\":1,"a":2}',
    '{"A":1,"a":2}',
  ])('may use a key again in another place: %s', (text) => {
    expect(parseJsonBody(text)).toEqual(JSON.parse(text));
  });

  it('may be 32 levels deep and not 33, and ten million cost nothing', () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    expect(parseJsonBody(deep(32))).toEqual(JSON.parse(deep(32)));
    expect(() => parseJsonBody(deep(33))).toThrow(JsonBodyError);
    expect(() => parseJsonBody('['.repeat(10_000_000))).toThrow(JsonBodyError);
    expect(() => parseJsonBody('{"a":'.repeat(1_000_000))).toThrow(JsonBodyError);
  });

  it('never sets a prototype', () => {
    const value = parseJsonBody('{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true}}}') as Record<
      string,
      unknown
    >;
    expect(value['admin']).toBe(undefined);
    expect((value['a'] as Record<string, unknown>)['admin']).toBe(undefined);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  it.each([
    ['9007199254740991', 9_007_199_254_740_991],
    ['-9007199254740991', -9_007_199_254_740_991],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['0', 0],
  ])('keeps the number %s whole', (text, value) => {
    expect(parseJsonBody(`{"a":${text}}`)).toEqual({ a: value });
  });

  it('takes no number of a million digits for an identifier', () => {
    const startedAt = performance.now();
    expect(typeof (parseJsonBody(`{"a":${'9'.repeat(200_000)}}`) as { a: unknown }).a).not.toBe('bigint');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('shows nothing of itself in its errors [M06]', () => {
    for (const text of ['{"password":"hunter2', '{"password":"hunter2","password":"hunter2"}', 'hunter2']) {
      try {
        parseJsonBody(text);
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toContain('hunter2');
      }
    }
  });
});
