import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type App,
  type Client,
  createFactorKit,
  createWorld,
  DIALECTS,
  PASSWORD,
  type Person,
  type Reply,
  type RequestOptions,
  type World,
} from '../../testing/index.ts';
import { assertSudoDeclared } from './context.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HEADER = 'x-fluxer-sudo-mode-jwt';
const REQUIRED = '403 SUDO_MODE_REQUIRED';
const WRONG_CODE = '400 INVALID_FORM_BODY mfa_code:INVALID_MFA_CODE';
const SECRET = 'a secret of the operator, long enough to sign with';

/** A sensitive act that changes nothing: ends sessions that do not exist. */
const act = (client: Client, proof: object = {}, headers: Record<string, string> = {}) =>
  client.post('/v1/auth/sessions/logout', { session_id_hashes: [], ...proof }, headers);
const verify = (client: Client, proof: object) => client.post('/v1/auth/sudo/verify', proof);
const tokenOf = (reply: Reply) => reply.headers.get(HEADER) ?? '';
const cookiesOf = (reply: Reply) =>
  Object.fromEntries(
    reply.headers.getSetCookie().map((line) => [line.split('=')[0] ?? '', line.split(';')[0] ?? '']),
  );

describe.each(DIALECTS)('sudo mode on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_AUTH_SUDO_MODE_SECRET: SECRET };
    world = await createWorld({ dialect, env });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  async function withApp(): Promise<{ person: Person; client: Client; app: App }> {
    const person = await world.person();
    return { person, client: person.client, app: await kit.totp(person) };
  }

  describe('of an account with a password alone', () => {
    it('asks for the password each time, and opens no window for it', async () => {
      const { client } = await world.person();
      expect(refusal(await act(client))).toBe(REQUIRED);
      expect(refusal(await act(client, { password: 'not the right one' }))).toBe(
        '400 INVALID_FORM_BODY password:INVALID_PASSWORD',
      );
      const done = await act(client, { password: PASSWORD });
      decode.empty(done);
      expect(tokenOf(done)).toBe('');
      expect(done.headers.has('set-cookie')).toBe(false);
      expect(refusal(await act(client))).toBe(REQUIRED);
    });

    it('says by which proof it would open', async () => {
      const { client } = await world.person();
      expect((await act(client)).json).toMatchObject({
        has_mfa: false,
        methods: { totp: false, sms: false, webauthn: false, password: true },
      });
    });

    it("opens for 15 minutes by seed 000's route, by header or by either cookie [D08]", async () => {
      const { client, userId } = await world.person();
      expect(refusal(await verify(client, {}))).toBe(REQUIRED);
      const opened = await verify(client, { password: PASSWORD });
      decode.empty(opened);
      const cookies = cookiesOf(opened);
      expect(Object.keys(cookies).sort()).toEqual([`__flx_sudo_${userId}`, 'fluxer_sudo_mode']);
      for (const line of opened.headers.getSetCookie())
        expect(line).toMatch(/; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/);
      const ways = [{ [HEADER]: tokenOf(opened) }, ...Object.values(cookies).map((cookie) => ({ cookie }))];
      world.clock.advance(15 * MINUTE - SECOND);
      for (const headers of ways) decode.empty(await act(client, {}, headers as Record<string, string>));
      world.clock.advance(2 * SECOND);
      for (const headers of ways)
        expect(refusal(await act(client, {}, headers as Record<string, string>))).toBe(REQUIRED);
    });

    it('does not open because the sign-in is fresh [D09, bug 20]', async () => {
      const { email, client } = await world.person();
      client.token = decode.token(await client.post('/v1/auth/login', { email, password: PASSWORD })).token;
      expect(refusal(await act(client))).toBe(REQUIRED);
    });
  });

  describe('of an account with a second factor', () => {
    it('is no more opened by the password, and says what would do', async () => {
      const { client } = await withApp();
      for (const proof of [{}, { password: PASSWORD }]) {
        const reply = await act(client, proof);
        expect(refusal(reply)).toBe(REQUIRED);
        expect(reply.json).toMatchObject({
          has_mfa: true,
          methods: { totp: true, sms: false, webauthn: false, password: false },
        });
        expect(refusal(await verify(client, proof))).toBe(REQUIRED);
      }
    });

    it('opens by a code in the request itself, and stays open for the next', async () => {
      const { client, app } = await withApp();
      const done = await act(client, { mfa_method: 'totp', mfa_code: app.code() });
      decode.empty(done);
      expect(Object.keys(cookiesOf(done))).toContain('fluxer_sudo_mode');
      const next = await act(client, {}, { [HEADER]: tokenOf(done) });
      decode.empty(next);
      expect(tokenOf(next)).toBe(tokenOf(done));
    });

    it('takes no code twice, none that is wrong, and none without its method [B02]', async () => {
      const { client, app } = await withApp();
      const code = app.code();
      decode.empty(await act(client, { mfa_method: 'totp', mfa_code: code }));
      expect(refusal(await act(client, { mfa_method: 'totp', mfa_code: code }))).toBe(WRONG_CODE);
      expect(refusal(await act(client, { mfa_method: 'totp', mfa_code: app.wrong() }))).toBe(WRONG_CODE);
      expect(refusal(await act(client, { mfa_method: 'totp' }))).toBe(WRONG_CODE);
      // Factors that the account has not.
      for (const mfa_method of ['webauthn', 'sms'])
        expect(refusal(await act(client, { mfa_method, mfa_code: code }))).toBe(WRONG_CODE);
      world.clock.advance(MINUTE);
      expect(refusal(await act(client, { mfa_code: app.code() }))).toBe(REQUIRED);
      expect(refusal(await act(client, { mfa_method: 'magic', mfa_code: app.code() }))).toBe(
        '400 INVALID_FORM_BODY mfa_method:INVALID_FORMAT',
      );
    });

    it('takes a backup code once', async () => {
      const { client, app } = await withApp();
      const [mfa_code = ''] = app.backupCodes;
      decode.empty(await act(client, { mfa_method: 'totp', mfa_code }));
      expect(refusal(await act(client, { mfa_method: 'totp', mfa_code }))).toBe(WRONG_CODE);
    });

    it('stops guessing after ten wrong codes, for a quarter of an hour [D10, B05, bug 19]', async () => {
      const { client, app } = await withApp();
      for (let tries = 0; tries < 10; tries++)
        expect(refusal(await act(client, { mfa_method: 'totp', mfa_code: app.wrong() }))).toBe(WRONG_CODE);
      const right = () => act(client, { mfa_method: 'totp', mfa_code: app.code() });
      expect(refusal(await right())).toBe('429 RATE_LIMITED');
      world.clock.advance(15 * MINUTE);
      decode.empty(await right());
    });

    it("is not shut by a stranger's wrong codes, nor is the sign-in at a place of the owner's [K04]", async () => {
      const { client, app, person } = await withApp();
      const login = { email: person.email, password: PASSWORD };
      const tryFrom = async (from: Client, code: string) => {
        const { ticket } = decode.owedProof(await from.post('/v1/auth/login', login));
        return await from.post('/v1/auth/login/mfa/totp', { ticket, code });
      };
      const stranger = world.client();
      for (let tries = 0; tries < 10; tries++) await tryFrom(stranger, app.wrong());
      expect(refusal(await tryFrom(stranger, app.code()))).toBe('429 RATE_LIMITED');
      decode.empty(await act(client, { mfa_method: 'totp', mfa_code: app.code() }));
      world.clock.advance(MINUTE);
      decode.token(await tryFrom(world.client(client.address), app.code()));
    });

    it("is not shut by a stranger's wrong passwords where the session has moved on [K04]", async () => {
      const { client, email } = await world.person();
      for (let tries = 0; tries < 50; tries++)
        await world.client().post('/v1/auth/login', { email, password: 'not the right one' });
      const away = world.client();
      away.token = client.token;
      decode.empty(await act(away, { password: PASSWORD }));
    });

    it('does not stand in for the old password when a new one is set [A07]', async () => {
      const { client } = await world.person();
      const headers = { [HEADER]: tokenOf(await verify(client, { password: PASSWORD })) };
      const body = { new_password: 'another horse, another staple', password: 'not the right one' };
      const reply = await client.send('/v1/users/@me', { method: 'PATCH', body, headers });
      expect(refusal(reply)).toBe('400 INVALID_FORM_BODY password:INVALID_PASSWORD');
      const right = { ...body, password: PASSWORD };
      decode.user(await client.send('/v1/users/@me', { method: 'PATCH', body: right, headers }));
    });

    it('opens by SMS, with a code that was sent for this session', async () => {
      const { client, app, person } = await withApp();
      const phone = await kit.sms(person, app);
      decode.empty(await client.post('/v1/users/@me/sudo/mfa/sms/send'));
      const mfa_code = await kit.smsCode(phone);
      const other = world.client();
      const login = { email: person.email, password: PASSWORD };
      const { ticket } = decode.owedProof(await other.post('/v1/auth/login', login));
      other.token = decode.token(
        await other.post('/v1/auth/login/mfa/totp', { ticket, code: app.code() }),
      ).token;
      expect(refusal(await act(other, { mfa_method: 'sms', mfa_code }))).toBe(WRONG_CODE);
      decode.empty(await act(client, { mfa_method: 'sms', mfa_code }));
    });

    it('opens by a passkey whose challenge was made for sudo and this session [C01, C04]', async () => {
      const person = await world.person();
      const device = await kit.passkey(person);
      const { client } = person;
      const options = async (): Promise<RequestOptions> =>
        (await client.post('/v1/users/@me/sudo/webauthn/authentication-options')).json;
      const proof = async (asked: RequestOptions, tampering = {}) => ({
        mfa_method: 'webauthn',
        webauthn_response: device.assert(asked, tampering),
        webauthn_challenge: asked.challenge,
      });
      const unverified = await proof(await options(), { flags: { uv: false } });
      expect(refusal(await act(client, unverified))).toBe(WRONG_CODE);
      const anew = (await world.client().post('/v1/auth/webauthn/authentication-options'))
        .json as RequestOptions;
      expect(refusal(await act(client, await proof(anew)))).toBe(WRONG_CODE);
      const good = await proof(await options());
      decode.empty(await act(client, good));
      expect(refusal(await act(client, good))).toBe(WRONG_CODE);
    });

    it('lists the methods, and refuses the first half of those that are not there', async () => {
      const { client } = await world.person();
      const path = '/v1/users/@me/sudo/mfa-methods';
      expect((await client.get(path)).json).toEqual({
        totp: false,
        sms: false,
        webauthn: false,
        has_mfa: false,
      });
      expect(refusal(await client.post('/v1/users/@me/sudo/mfa/sms/send'))).toBe('400 SMS_MFA_NOT_ENABLED');
      expect(refusal(await client.post('/v1/users/@me/sudo/webauthn/authentication-options'))).toBe(
        '400 NO_PASSKEYS_REGISTERED',
      );
      const { client: other } = await withApp();
      expect((await other.get(path)).json).toEqual({
        totp: true,
        sms: false,
        webauthn: false,
        has_mfa: true,
      });
    });
  });

  describe('a token', () => {
    it('belongs to one session of one user [D10]', async () => {
      const { client, email, userId } = await world.person();
      const token = tokenOf(await verify(client, { password: PASSWORD }));
      const other = world.client();
      other.token = decode.token(await other.post('/v1/auth/login', { email, password: PASSWORD })).token;
      expect(refusal(await act(other, {}, { [HEADER]: token }))).toBe(REQUIRED);
      const stranger = await world.person();
      expect(refusal(await act(stranger.client, {}, { [HEADER]: token }))).toBe(REQUIRED);
      const cookie = `__flx_sudo_${stranger.userId}=${token}; fluxer_sudo_mode=${token}`;
      expect(refusal(await act(stranger.client, {}, { cookie }))).toBe(REQUIRED);
      expect(userId).not.toBe(stranger.userId);
    });

    it('of any other making is as good as none [E01, E02, E04, E05, E07]', async () => {
      const { client, userId } = await world.person();
      const good = tokenOf(await verify(client, { password: PASSWORD }));
      const [head = '', body = '', signature = ''] = good.split('.');
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
      expect(claims).toMatchObject({ sub: userId, type: 'sudo' });
      const now = Math.floor(world.clock.now() / SECOND);
      const signed = (change: object, { secret = SECRET, alg = 'HS256', typ = 'JWT' } = {}) =>
        new SignJWT({ ...claims, ...change })
          .setProtectedHeader({ alg, typ })
          .sign(new TextEncoder().encode(secret));
      decode.empty(await act(client, {}, { [HEADER]: await signed({}) }));
      const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body}.`;
      const bad = {
        'alg none': none,
        'no signature': `${head}.${body}.`,
        'another secret': await signed({}, { secret: 'another secret that is quite long enough' }),
        'another algorithm': await signed({}, { alg: 'HS512' }),
        'another type': await signed({}, { typ: 'at+jwt' }),
        'another use': await signed({ type: 'session' }),
        'no session': await signed({ sid: undefined }),
        'no end': await signed({ exp: undefined }),
        'its end behind it': await signed({ exp: now }),
        padding: `${good}=`,
        'a stray character': `${head}.${body}.${signature.slice(0, 5)}\n${signature.slice(5)}`.replace(
          '\n',
          ' ',
        ),
        'two of it': `${good}, ${good}`,
        'the session token': client.token ?? '',
      };
      for (const [name, token] of Object.entries(bad))
        expect(refusal(await act(client, {}, { [HEADER]: token })), name).toBe(REQUIRED);
    });
  });

  it('stands before every sensitive route, and one that only looks is open without it [D08, J01]', async () => {
    const { client } = await world.person();
    const id = 'x'.repeat(22);
    const routes: [string, string, object][] = [
      ['POST', '/v1/auth/sessions/logout', { session_id_hashes: [] }],
      [
        'POST',
        '/v1/users/@me/mfa/totp/enable',
        { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', code: '123456' },
      ],
      ['POST', '/v1/users/@me/mfa/totp/disable', { code: '123456' }],
      ['POST', '/v1/users/@me/mfa/backup-codes', { regenerate: true }],
      ['POST', '/v1/users/@me/mfa/sms/enable', {}],
      ['POST', '/v1/users/@me/mfa/sms/disable', {}],
      ['POST', '/v1/users/@me/mfa/webauthn/credentials/registration-options', {}],
      ['POST', '/v1/users/@me/mfa/webauthn/credentials', { response: { id }, challenge: id, name: 'x' }],
      ['PATCH', `/v1/users/@me/mfa/webauthn/credentials/${id}`, { name: 'x' }],
      ['DELETE', `/v1/users/@me/mfa/webauthn/credentials/${id}`, {}],
      ['POST', '/v1/users/@me/phone', { phone_token: id }],
      ['DELETE', '/v1/users/@me/phone', {}],
      ['DELETE', '/v1/users/@me/authorized-ips', {}],
      ['PATCH', '/v1/users/@me', { username: 'another_name' }],
      ['POST', '/v1/users/@me/disable', {}],
      ['POST', '/v1/users/@me/delete', {}],
    ];
    for (const [method, path, body] of routes)
      expect(refusal(await client.send(path, { method, body })), `${method} ${path}`).toBe(REQUIRED);
    decode.user(await client.get('/v1/users/@me'));
    decode.user(await client.patch('/v1/users/@me', { bio: 'No secret of mine.' }));
  });
});

describe('a route that changes something of a session', () => {
  const bucket = { name: 'test', limit: 1, windowMs: 1 };

  it('cannot be mounted without a sudo rule [D08, J01]', () => {
    const route = { method: 'POST', url: '/users/@me/soul/sell' };
    expect(() => assertSudoDeclared(route, { bucket, needs: 'session' })).toThrow(/declares no sudo rule/);
    for (const sudo of ['grants', 'asks', 'inside', 'never'] as const)
      expect(() => assertSudoDeclared(route, { bucket, needs: 'session', sudo })).not.toThrow();
    expect(() => assertSudoDeclared(route, { bucket, needs: 'nothing' })).not.toThrow();
    const reading = { ...route, method: ['GET', 'HEAD'] };
    expect(() => assertSudoDeclared(reading, { bucket, needs: 'session' })).not.toThrow();
  });
});
