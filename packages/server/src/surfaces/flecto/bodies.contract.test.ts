import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, flectoSteps, PASSWORD, type World } from '../../testing/index.ts';

describe.each(DIALECTS)("a body at Flecto's API on %s", (dialect) => {
  let world: World;
  let steps: ReturnType<typeof flectoSteps>;
  let email: string;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    steps = flectoSteps(world);
    email = (await world.person()).email;
  });
  afterAll(() => world.close());

  /** Exactly these bytes and headers; `undefined` for no content type. */
  const post = (body: string | Buffer, type: string | undefined, path = '/auth/login') =>
    rawRequest(world.baseUrl, {
      method: 'POST',
      path,
      body: body as string,
      headers: {
        ...(type !== undefined && { 'content-type': type }),
        'content-length': String(Buffer.byteLength(body)),
      },
    });
  const good = () => JSON.stringify({ username: email, password: PASSWORD });

  it('is invalid when it cannot be read, and short of a field when one is empty or missing (case 6)', async () => {
    const cases: [body: string, type: string | undefined, refusal: string][] = [
      ['', 'application/json', '400 validation_error'],
      ['', undefined, '400 validation_error'],
      ['{}', 'application/json', '400 validation_error'],
      ['null', 'application/json', '400 validation_error'],
      ['{"username":"a"}', 'application/json', '400 validation_error'],
      ['{"username":"","password":"b"}', 'application/json', '400 validation_error'],
      ['{"username":null,"password":"b"}', 'application/json', '400 validation_error'],
      ['{"username":"a"', 'application/json', '400 invalid_request'],
      ['{"username":"a","username":"b","password":"c"}', 'application/json', '400 invalid_request'],
      ['{"username":"a","Username":"b","password":"c"}', 'application/json', '400 invalid_request'],
      ['[]', 'application/json', '400 invalid_request'],
      ['"text"', 'application/json', '400 invalid_request'],
      ['7', 'application/json', '400 invalid_request'],
      ['{"username":7,"password":"b"}', 'application/json', '400 invalid_request'],
      ['{"username":"a","password":["b"]}', 'application/json', '400 invalid_request'],
      ['{"username":{},"password":true}', 'application/json', '400 invalid_request'],
      ['{"username":18446744073709551616,"password":"b"}', 'application/json', '400 invalid_request'],
      ['[['.repeat(40_00), 'application/json', '400 invalid_request'],
      [good(), undefined, '400 invalid_request'],
      [good(), 'text/plain', '400 invalid_request'],
      [good(), 'application/jsonx', '400 invalid_request'],
      [good(), 'nonsense', '400 invalid_request'],
      ['username=a&password=b', 'application/x-www-form-urlencoded', '400 validation_error'],
      ['<a><username>a</username></a>', 'application/xml', '400 validation_error'],
      ['<a/>', 'text/xml; charset=utf-8', '400 validation_error'],
      ['--x--', 'multipart/form-data; boundary=x', '400 validation_error'],
    ];
    for (const [body, type, refusal] of cases)
      expect(steps.refusal(await post(body, type)), `${type} ${body.slice(0, 60)}`).toBe(refusal);
    for (const path of ['/auth/refresh', '/auth/login/mfa', '/auth/login/mfa/send']) {
      expect(steps.refusal(await post('{}', 'application/json', path)), path).toBe('400 validation_error');
      expect(steps.refusal(await post('{', 'application/json', path)), path).toBe('400 invalid_request');
    }
  });

  it('names each missing field in its message', async () => {
    const reply = await post('{"password":""}', 'application/json');
    expect(reply.json).toEqual({
      error: 'validation_error',
      message: 'username is required\npassword is required',
    });
  });

  it('is taken in any letter case, with fields that nobody knows, and under any JSON type', async () => {
    for (const body of [
      { UserName: email, PASSWORD },
      { username: email, password: PASSWORD, remember: true, role: ['admin'] },
    ])
      steps.good(await post(JSON.stringify(body), 'application/json'));
    steps.good(await post(good(), 'application/json; charset=utf-8'));
    steps.good(await post(good(), 'APPLICATION/JSON'));
  });

  it('never breaks anything, whatever is in it [F16, N11]', async () => {
    const texts = [
      '\u0000',
      'a\u0000b@example.com',
      '\ud800',
      '\u202e',
      "' or 1=1 --",
      '%00',
      '../../etc/passwd',
      'x'.repeat(5_000),
      '😀'.repeat(300),
      '__proto__',
    ];
    for (const text of texts) {
      for (const [path, body] of [
        ['/auth/login', { username: text, password: text }],
        ['/auth/login', { username: email, password: text }],
        ['/auth/refresh', { refreshToken: text }],
        ['/auth/login/mfa', { ticket: text, method: 'totp', code: text }],
        ['/auth/login/mfa', { ticket: text, method: text, code: text }],
        ['/auth/login/mfa/send', { ticket: text }],
      ] as const) {
        const reply = await post(JSON.stringify(body), 'application/json', path);
        expect([400, 401, 429], `${path} ${JSON.stringify(text).slice(0, 40)}`).toContain(reply.status);
      }
    }
    for (const bytes of [
      Buffer.from([0x7b, 0xff, 0x7d]),
      Buffer.from('ff'.repeat(30), 'hex'),
      Buffer.alloc(9),
    ])
      expect(steps.refusal(await post(bytes, 'application/json'))).toBe('400 invalid_request');
  });

  it('is no larger than any request needs to be', async () => {
    const reply = await post(`{"username":"${'x'.repeat(70_000)}"}`, 'application/json');
    expect([reply.status, reply.json]).toEqual([413, { message: 'Request Entity Too Large' }]);
  });
});
