import { describe, expect, it } from 'vitest';
import { parseProblem, parseRetryAfter } from './problem.ts';

const now = new Date('2026-03-01T12:00:00Z');

function parse(status: number, body: string, retryAfter: string | null = null) {
  return parseProblem({ status, body, retryAfter, now });
}

describe('reading a refusal', () => {
  it('keeps the code, the explanation, the request id and the fields', () => {
    const errors = [{ path: 'reason', message: 'Too long', code: 'too_long' }];
    const body = JSON.stringify({
      code: 'invalid_request',
      detail: 'Not valid',
      request_id: 'req-1',
      errors,
    });
    expect(parse(400, body)).toMatchObject({
      status: 400,
      code: 'invalid_request',
      detail: 'Not valid',
      requestId: 'req-1',
      fieldErrors: errors,
    });
  });

  it.each([
    [401, 'unauthenticated'],
    [404, 'not_found'],
    [429, 'rate_limited'],
    [503, 'unavailable'],
    [502, 'unexpected'],
  ])('gives a %i without a problem document the code %s', (status, code) => {
    expect(parse(status, '<html>Bad gateway</html>').code).toBe(code);
  });

  it('does not take a 403 from something in front of the server for missing rights', () => {
    expect(parse(403, '').code).toBe('unexpected');
  });

  it.each(['null', '[]', '"text"', '{"code":7,"errors":{},"request_id":""}', '{"errors":[null,{"path":1}]}'])(
    'survives %s as a body',
    (body) => {
      expect(parse(500, body)).toMatchObject({ code: 'unexpected', requestId: null, fieldErrors: [] });
    },
  );
});

describe('reading Retry-After', () => {
  it.each([
    ['120', 120],
    ['0', 0],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['soon', null],
    [null, null],
  ])('%s is %s seconds', (value, seconds) => {
    expect(parseRetryAfter(value, now)).toBe(seconds);
  });
});
