import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announced, decode, rawRequest, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';

const ENV = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_VERIFIED_EMAIL: 'off' };
const UNREADABLE = '400 INVALID_FORM_BODY body:INVALID_FORMAT';
const NOT_AN_OBJECT = '400 INVALID_FORM_BODY root:INVALID_FORMAT';

describe.each(DIALECTS)('what a body may be, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: ENV });
  });
  afterAll(() => world.close());

  const post = (path: string, body?: string | Uint8Array, headers: Record<string, string> = {}) =>
    rawRequest(world.baseUrl, { method: 'POST', path, headers, ...(body !== undefined && { body }) });
  const registration = (fields: object = {}) => ({
    email: newEmail(),
    password: PASSWORD,
    date_of_birth: '1990-05-17',
    consent: true,
    ...fields,
  });
  const register = (text: string | Uint8Array) => post('/v1/auth/register', text);
  const countUsers = async () =>
    (await world.instance.storage.db.selectFrom('user').select('id').execute()).length;

  async function registered(fields: object) {
    const { token } = decode.token(await register(JSON.stringify(registration(fields))));
    return decode.user(
      await rawRequest(world.baseUrl, { path: '/v1/users/@me', headers: { authorization: token } }),
    );
  }

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=latin1',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
    ';;;',
    '',
  ])('is read as JSON whatever Content-Type says: %j', async (type) => {
    const body = JSON.stringify(registration());
    decode.token(await post('/v1/auth/register', body, { 'content-type': type }));
  });

  it('is read as JSON without a Content-Type', async () => {
    decode.token(await register(JSON.stringify(registration())));
  });

  it('may be missing or empty, and is an empty object then', async () => {
    for (const body of [undefined, '', ' \n', '{}']) {
      const reply = await post('/v1/auth/verify', body);
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY token:INVALID_FORMAT');
    }
  });

  it.each([
    ['no JSON', 'email=a@example.com'],
    ['half an object', '{"email":"a'],
    ['two objects', '{}{}'],
    ['a comma too many', '{"email":"a@example.com",}'],
    ['single quotes', "{'email':'a@example.com'}"],
    ['a comment', '{/* */}'],
    ['a bare word', 'undefined'],
    ['NaN', '{"accent_color":NaN}'],
    ['a bad escape', '{"email":"\\x41"}'],
    ['a bad escape in a key', '{"\\x41":1}'],
    ['a line feed in a text', '{"email":"a\nb"}'],
    ['the same key twice', '{"consent":false,"consent":true}'],
    ['the same key twice, once escaped', '{"consent":false,"c\\u006fnsent":true}'],
    ['the same key twice, deeper', '{"x":{"a":1,"a":2}}'],
    ['an object ten thousand deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a list ten thousand deep', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['ten thousand open brackets', '['.repeat(10_000)],
    ['closing brackets first', ']]}}'],
    ['HTML', '<html></html>'],
  ])('is refused when it is %s [E07]', async (_what, body) => {
    const before = await countUsers();
    for (const path of ['/v1/auth/register', '/v1/auth/login', '/v1/auth/verify']) {
      expect(refusal(await post(path, body))).toBe(UNREADABLE);
    }
    expect(await countUsers()).toBe(before);
  });

  it.each([
    ['cut UTF-8', [0x22, 0xe2, 0x82, 0x22]],
    ['overlong UTF-8', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['Latin-1', [0x22, 0xfc, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    ['bytes of chance', [0x1f, 0x8b, 0x08, 0x00, 0xff]],
  ])('is refused when it is %s', async (_what, bytes) => {
    const body = Buffer.concat([Buffer.from('{"global_name":'), Buffer.from(bytes), Buffer.from('}')]);
    expect(refusal(await post('/v1/auth/username-suggestions', body))).toBe(UNREADABLE);
  });

  it('may begin with a byte order mark or not be read, but never breaks', async () => {
    const reply = await register(`\ufeff${JSON.stringify(registration())}`);
    if (reply.status === 200) decode.token(reply);
    else expect(refusal(reply)).toBe(UNREADABLE);
  });

  it.each(['[]', '[{}]', '"text"', '""', '7', '0', 'true', 'false', 'null', '1e999'])(
    'is refused when it is the root %s',
    async (body) => {
      for (const path of ['/v1/auth/register', '/v1/auth/login', '/v1/auth/forgot', '/v1/auth/verify']) {
        expect(refusal(await post(path, body))).toMatch(/^400 INVALID_FORM_BODY \S+:INVALID_FORMAT/);
      }
      if (/^[[7t]/.test(body)) expect(refusal(await post('/v1/auth/login', body))).toBe(NOT_AN_OBJECT);
    },
  );

  it('is refused with 413 when it is 10 MB, by its length alone', async () => {
    for (const path of ['/v1/auth/register', '/v1/auth/login', '/v1/auth/logout', '/v1/auth/forgot']) {
      const headers = { 'content-length': '10000000' };
      // Nothing is sent: an answer shows that nobody waited for it.
      const reply = await announced(world.baseUrl, path, headers);
      expect(refusal(reply)).toMatch(/^413 INVALID_FORM_BODY/);
    }
    const reply = await post('/v1/auth/login', `{"a":"${'x'.repeat(300_000)}"}`, {
      'transfer-encoding': 'chunked',
    });
    expect(refusal(reply)).toMatch(/^413 INVALID_FORM_BODY/);
    expect((await world.client().get('/v1/_health')).status).toBe(200);
  });

  it('may hold keys nobody knows, also such as every object has', async () => {
    const extras =
      '"__proto__":{"consent":true,"polluted":1},"constructor":{"prototype":{"polluted":1}},"x":[1]';
    const whole = JSON.stringify(registration());
    decode.token(await register(`${whole.slice(0, -1)},${extras}}`));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    const { consent, ...without } = registration();
    expect(consent).toBe(true);
    const inherited = await register(`${JSON.stringify(without).slice(0, -1)},${extras}}`);
    expect(refusal(inherited)).toBe('400 INVALID_FORM_BODY consent:INVALID_FORMAT');
  });

  it('may say null or an empty text for what is optional', async () => {
    const nothing = { username: null, global_name: null, invite_code: null };
    const empty = { username: '', global_name: '', invite_code: '' };
    for (const fields of [nothing, empty]) expect((await registered(fields)).global_name).toBe(null);
    const both = { email: '', password: '' };
    expect((await registered(both)).email).toBe(null);
  });

  it('may hold nested objects of nothing for what is optional, and they are nothing', async () => {
    for (const nothing of [{}, { a: null }, { a: '', b: { c: null, d: {} } }]) {
      expect((await registered({ global_name: nothing, username: nothing })).global_name).toBe(null);
      const reply = await post('/v1/auth/verify', JSON.stringify({ token: nothing }));
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY token:INVALID_FORMAT');
    }
    expect(refusal(await post('/v1/auth/verify', '{"a":{}}'))).toBe(
      '400 INVALID_FORM_BODY token:INVALID_FORMAT',
    );
  });

  it.each([
    ['NUL', 'A\u0000da', 'Ada'],
    ['a right-to-left override', 'A\u202eda', 'Ada'],
    ['a tab', 'A\tda', 'Ada'],
    ['form feed and vertical tab', '\u000cA\u000bda', 'Ada'],
    ['escape', 'A\u001bda\u007f', 'Ada'],
    ['blanks around', '  Ada ', 'Ada'],
    ['nothing but controls', '\u0001\u202e\u0002', null],
  ])('loses %s in a name', async (_what, global_name, expected) => {
    expect((await registered({ global_name })).global_name).toBe(expected);
  });

  it('keeps every blank of a password, and counts it [A03]', async () => {
    const password = '  two blanks, each side  ';
    const { email } = await registered({ password });
    const login = (text: string) => post('/v1/auth/login', JSON.stringify({ email, password: text }));
    decode.token(await login(password));
    for (const other of [password.trim(), ` ${password}`, password.trimStart()]) {
      expect((await login(other)).status).toBe(400);
    }
  });
});
