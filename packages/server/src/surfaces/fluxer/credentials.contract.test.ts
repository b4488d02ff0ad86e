import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, rawRequest, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const ORIGIN = 'https://app.example.com';
const FOREIGN = 'https://evil.example';

describe.each(DIALECTS)('how a token travels on %s', (dialect) => {
  let world: World;
  let token: string;
  let userId: string;
  beforeAll(async () => {
    world = await createWorld({
      dialect,
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_CORS_ORIGINS: ORIGIN },
    });
    const person = await world.person();
    token = person.client.token ?? '';
    userId = person.userId;
  });
  afterAll(() => world.close());

  const whoAmI = (headers: Record<string, string | string[]>) =>
    rawRequest(world.baseUrl, { path: '/v1/users/@me', headers });

  it.each([
    ['raw', (text: string) => text],
    ['after Bearer', (text: string) => `Bearer ${text}`],
    ['twice, joined', (text: string) => `${text}, ${text}`],
    ['twice after Bearer, joined', (text: string) => `Bearer ${text}, Bearer ${text}`],
  ])('knows a session token %s', async (_what, written) => {
    expect(decode.user(await whoAmI({ authorization: written(token) })).id).toBe(userId);
  });

  it('knows a session token in a header that is sent twice', async () => {
    expect(decode.user(await whoAmI({ authorization: [token, token] })).id).toBe(userId);
  });

  it.each([
    ['nothing', ''],
    ['a blank', ' '],
    ['Bearer alone', 'Bearer'],
    ['Bearer and a blank', 'Bearer '],
    ['bearer in small letters', 'bearer TOKEN'],
    ['BEARER in capitals', 'BEARER TOKEN'],
    ['Bearer and two blanks', 'Bearer  TOKEN'],
    ['Bearer and a tab', 'Bearer\tTOKEN'],
    ['Bearer twice', 'Bearer Bearer TOKEN'],
    ['a bot prefix', 'Bot TOKEN'],
    ['an admin prefix', 'Admin TOKEN'],
    ['an admin key', 'Admin fa_0123456789'],
    ['Basic', `Basic ${Buffer.from('a:b').toString('base64')}`],
    ['text behind a blank', 'TOKEN x'],
    ['two unlike values', 'TOKEN, flx_other'],
    ['two unlike values, the good one behind', 'flx_other, TOKEN'],
    ['a comma behind', 'TOKEN,'],
    ['quotes around', '"TOKEN"'],
    ['a NUL in percent form', 'TOKEN%00'],
    ['another prefix', 'flx-TOKEN'],
    ['only the prefix', 'flx_'],
    ['ten thousand characters', 'x'.repeat(10_000)],
    ['SQL', "flx_' OR 1=1 --"],
    ['an object', '{"token":"TOKEN"}'],
  ])('knows nobody by %s, and says 401 only where a login is needed [bug 72]', async (_what, written) => {
    const headers = { authorization: written.replace('TOKEN', token) };
    expect(refusal(await whoAmI(headers))).toBe('401 UNAUTHORIZED');
    decode.empty(await rawRequest(world.baseUrl, { method: 'POST', path: '/v1/auth/logout', headers }));
    expect(decode.user(await whoAmI({ authorization: token })).id).toBe(userId);
  });

  it('knows nobody by a token cut, lengthened or in another letter case [E10, bug 34]', async () => {
    const flip = (letter: string) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
    const wrong = [
      ...Array.from({ length: token.length - 1 }, (_, end) => token.slice(0, end + 1)),
      ...[...token].map((letter, at) => token.slice(0, at) + flip(letter) + token.slice(at + 1)),
      ...['a', '0', '=', '_', '%20', '.', ','].map((more) => token + more),
      ...['f', '_', 'flx_'].map((before) => before + token),
    ].filter((text) => text !== token);
    expect(wrong.length).toBeGreaterThan(70);
    for (const text of wrong) expect((await whoAmI({ authorization: text })).status).toBe(401);
  });

  describe('in the cookie', () => {
    const cookie = (text: string, more: Record<string, string> = {}) => ({
      cookie: `fluxer_session=${text}`,
      ...more,
    });
    const post = (path: string, headers: Record<string, string>, body?: string) =>
      rawRequest(world.baseUrl, { method: 'POST', path, headers, ...(body !== undefined && { body }) });
    const patch = (headers: Record<string, string>) =>
      rawRequest(world.baseUrl, {
        method: 'PATCH',
        path: '/v1/users/@me',
        headers,
        body: '{"bio":"changed"}',
      });

    it('comes with every sign-in, for seven days, out of reach of scripts and other sites [D03]', async () => {
      const { email } = await world.person();
      const reply = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
      const parts = (reply.headers.get('set-cookie') ?? '').split('; ');
      expect(parts[0]).toBe(`fluxer_session=${decode.token(reply).token}`);
      expect(parts.slice(1).sort()).toEqual(['HttpOnly', 'Max-Age=604800', 'Path=/', 'SameSite=Lax']);
    });

    it('is enough when there is no Authorization header, and nothing beside one', async () => {
      expect(decode.user(await whoAmI(cookie(token))).id).toBe(userId);
      expect(refusal(await whoAmI(cookie(token, { authorization: 'flx_unknown' })))).toBe('401 UNAUTHORIZED');
      const other = await world.person();
      const both = await whoAmI(cookie(token, { authorization: other.client.token ?? '' }));
      expect(decode.user(both).id).toBe(other.userId);
    });

    async function write(headers: Record<string, string>) {
      const { client } = await world.person();
      const sent = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace('BASE', world.baseUrl)]),
      );
      const own = cookie(client.token ?? '', sent);
      const reply = await patch(own);
      const { bio } = decode.user(await client.get('/v1/users/@me'));
      // Reading is safe, and a token in the header is nothing that a browser adds by itself.
      expect((await whoAmI(own)).status).toBe(200);
      expect((await patch({ ...sent, authorization: client.token ?? '' })).status).toBe(200);
      return { reply, bio };
    }

    it.each<[string, Record<string, string>]>([
      ['no sign of a browser', {}],
      ['the own origin', { origin: 'BASE' }],
      ['the web app', { origin: ORIGIN }],
      ['a same-origin fetch', { 'sec-fetch-site': 'same-origin' }],
      ['an own page that hides its origin', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
      ['a request the user typed', { 'sec-fetch-site': 'none' }],
    ])('lets %s write [I03]', async (_what, headers) => {
      const { reply, bio } = await write(headers);
      expect(decode.user(reply)['bio']).toBe('changed');
      expect(bio).toBe('changed');
    });

    it.each<[string, Record<string, string>]>([
      ['another site', { origin: FOREIGN }],
      ['a sandboxed frame', { origin: 'null' }],
      ['a sandboxed frame of a modern browser', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
      ['another site in a modern browser', { origin: FOREIGN, 'sec-fetch-site': 'cross-site' }],
      ['a typed request with an origin', { origin: FOREIGN, 'sec-fetch-site': 'none' }],
      ['a longer host', { origin: `${ORIGIN}.evil.example` }],
      ['another scheme', { origin: ORIGIN.replace('https', 'http') }],
      ['another port', { origin: `${ORIGIN}:8443` }],
      ['an empty origin', { origin: '' }],
      ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
      ['a sibling of the same site', { 'sec-fetch-site': 'same-site' }],
    ])('does not let %s write [I03]', async (_what, headers) => {
      const { reply, bio } = await write(headers);
      expect(refusal(reply)).toBe('403 FORBIDDEN');
      expect(bio).toBe(null);
    });

    it('does not let another site log me out [I03]', async () => {
      const { client } = await world.person();
      const reply = await post('/v1/auth/logout', cookie(client.token ?? '', { origin: FOREIGN }));
      expect(refusal(reply)).toBe('403 FORBIDDEN');
      expect(reply.headers.has('set-cookie')).toBe(false);
      expect((await client.get('/v1/users/@me')).status).toBe(200);
      const own = await post('/v1/auth/logout', cookie(client.token ?? ''));
      decode.empty(own);
      expect(own.headers.get('set-cookie')).toMatch(/^fluxer_session=;/);
      expect((await client.get('/v1/users/@me')).status).toBe(401);
    });

    it('does not let another site sign me in or register [I03]', async () => {
      const { email } = await world.person();
      const bodies: Record<string, object> = {
        '/v1/auth/login': { email, password: PASSWORD },
        '/v1/auth/register': { date_of_birth: '1990-01-01', consent: true },
        '/v1/auth/reset': { token: 'a'.repeat(64), password: PASSWORD },
      };
      for (const [path, body] of Object.entries(bodies)) {
        for (const headers of [{ origin: FOREIGN }, { 'sec-fetch-site': 'cross-site' }]) {
          const reply = await post(path, headers, JSON.stringify(body));
          expect(refusal(reply)).toBe('403 FORBIDDEN');
          expect(reply.headers.has('set-cookie')).toBe(false);
        }
      }
    });

    it('never becomes the session when it was planted before the login [D02, bug 25]', async () => {
      const planted = `flx_${'A'.repeat(36)}`;
      const { email } = await world.person();
      const body = JSON.stringify({ email, password: PASSWORD });
      for (const before of [planted, token]) {
        const reply = await post('/v1/auth/login', cookie(before), body);
        expect(decode.token(reply).token).not.toBe(before);
        expect(reply.headers.get('set-cookie')).not.toContain(before);
      }
      expect((await whoAmI(cookie(planted))).status).toBe(401);
    });
  });
});

describe('the cookie by configuration', () => {
  async function cookieOf(env: Record<string, string>) {
    const world = await createWorld({ dialect: 'sqlite', env });
    try {
      const reply = await world.register(world.client());
      decode.token(reply);
      return reply.headers.get('set-cookie');
    } finally {
      await world.close();
    }
  }

  it('is Secure exactly when the public URL is https [D03]', async () => {
    expect(await cookieOf({ FLUXGATE_PUBLIC_URL: 'https://login.example.com' })).toContain('; Secure');
    expect(await cookieOf({ FLUXGATE_PUBLIC_URL: 'http://login.example.com' })).not.toContain('Secure');
  });

  it('is left out when it is switched off', async () => {
    expect(await cookieOf({ FLUXGATE_COOKIE_SESSION_ENABLED: 'off' })).toBe(null);
  });

  it('lives as long as an idle session and on the configured domain', async () => {
    const env = { FLUXGATE_SESSION_IDLE_HOURS: '2', FLUXGATE_COOKIE_DOMAIN: 'example.com' };
    const cookie = await cookieOf(env);
    expect(cookie).toContain('Max-Age=7200');
    expect(cookie).toContain('Domain=example.com');
  });
});
