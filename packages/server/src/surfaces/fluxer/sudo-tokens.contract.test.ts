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
  type World,
} from '../../testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HEADER = 'x-fluxer-sudo-mode-jwt';
const REQUIRED = '403 SUDO_MODE_REQUIRED';
const WRONG_CODE = '400 INVALID_FORM_BODY mfa_code:INVALID_MFA_CODE';
const NEW_PASSWORD = 'an entirely different phrase';

/** A sensitive act that changes nothing: ends sessions that do not exist. */
const act = (client: Client, proof: object = {}, headers: Record<string, string> = {}) =>
  client.post('/v1/auth/sessions/logout', { session_id_hashes: [], ...proof }, headers);
const tokenOf = (reply: Reply) => reply.headers.get(HEADER);
const byHeader = (reply: Reply) => ({ [HEADER]: tokenOf(reply) ?? '' });

/** The sudo cookies of an answer: value and life in seconds, by name. */
function cookiesOf(reply: Reply): Record<string, { value: string; maxAge: number }> {
  const lines = reply.headers.getSetCookie().filter((line) => /^(fluxer_sudo_mode|__flx_sudo_)/.test(line));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value = '', maxAge = ''] = /^([^=]+)=([^;]*); Max-Age=(\d+)/.exec(line) ?? [];
      return [name, { value, maxAge: Number(maxAge) }];
    }),
  );
}

describe.each(DIALECTS)('what becomes of a sudo token on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  async function withApp(): Promise<Person & { app: App }> {
    const person = await world.person();
    return { ...person, app: await kit.totp(person) };
  }

  /** The code the app shows next; each counts once. */
  function byApp(app: App) {
    world.clock.advance(30 * SECOND);
    return { mfa_method: 'totp', mfa_code: app.code() };
  }

  const both = ({ userId }: Person) => [`__flx_sudo_${userId}`, 'fluxer_sudo_mode'];

  /** The two ways to another password, and the client of the session that comes of it. */
  const WAYS: [
    string,
    (person: Person, proof: object, headers?: Record<string, string>) => Promise<Reply>,
  ][] = [
    [
      'PATCH /users/@me',
      async ({ client }, proof, headers = {}) => {
        const body = { new_password: NEW_PASSWORD, password: PASSWORD, ...proof };
        return await client.send('/v1/users/@me', { method: 'PATCH', body, headers });
      },
    ],
    [
      'password-change/complete',
      async ({ client, email }, proof, headers) => {
        const base = '/v1/users/@me/password-change';
        const { ticket } = (await client.post(`${base}/start`, {})).json as { ticket: string };
        const code = (await world.newestMail(email, 'password_change_verification')).token;
        const { verification_proof } = (await client.post(`${base}/verify`, { ticket, code })).json as {
          verification_proof: string;
        };
        const body = { ticket, verification_proof, new_password: NEW_PASSWORD, ...proof };
        return await client.post(`${base}/complete`, body, headers);
      },
    ],
  ];

  /** Whoever holds the session that took the place of the one that asked. */
  function successor(reply: Reply): Client {
    expect(reply.status).toBe(200);
    const client = world.client();
    const { token } = reply.json as { token?: string };
    client.token = token ?? reply.headers.get('x-fluxer-session-token');
    return client;
  }

  describe.each(WAYS)('at a change of password by %s', (_way, change) => {
    it('opens the session that takes the place, where a factor was shown with the change', async () => {
      const person = await withApp();
      const reply = await change(person, byApp(person.app));
      const next = successor(reply);
      decode.empty(await act(next, {}, byHeader(reply)));
      const cookies = cookiesOf(reply);
      expect(Object.keys(cookies).sort()).toEqual(both(person));
      for (const [name, { value, maxAge }] of Object.entries(cookies)) {
        expect(maxAge).toBe(900);
        decode.empty(await act(next, {}, { cookie: `${name}=${value}` }));
      }
    });

    it('opens no other session of the account [D10]', async () => {
      const person = await withApp();
      const reply = await change(person, byApp(person.app));
      const other = world.client();
      const login = { email: person.email, password: NEW_PASSWORD };
      const { ticket } = decode.owedProof(await other.post('/v1/auth/login', login));
      const { mfa_code } = byApp(person.app);
      other.token = decode.token(
        await other.post('/v1/auth/login/mfa/totp', { ticket, code: mfa_code }),
      ).token;
      expect(refusal(await act(other, {}, byHeader(reply)))).toBe(REQUIRED);
    });

    it('ends with its session where it was shown in place of a factor [D10]', async () => {
      const person = await withApp();
      const opened = await act(person.client, byApp(person.app));
      const reply = await change(person, {}, byHeader(opened));
      const next = successor(reply);
      expect(tokenOf(reply)).toBeNull();
      for (const { value, maxAge } of Object.values(cookiesOf(reply)))
        expect([value, maxAge]).toEqual(['', 0]);
      expect(Object.keys(cookiesOf(reply)).sort()).toEqual(both(person));
      expect(refusal(await act(next, {}, byHeader(opened)))).toBe(REQUIRED);
    });

    it('is not made of a password', async () => {
      const person = await world.person();
      const reply = await change(person, {});
      successor(reply);
      expect(tokenOf(reply)).toBeNull();
      expect(cookiesOf(reply)).toEqual({});
    });
  });

  it('is told again with the life that is left of it, and no more', async () => {
    const person = await withApp();
    const opened = await act(person.client, byApp(person.app));
    for (const { maxAge } of Object.values(cookiesOf(opened))) expect(maxAge).toBe(900);
    world.clock.advance(10 * MINUTE);
    const echoed = await act(person.client, {}, byHeader(opened));
    expect(tokenOf(echoed)).toBe(tokenOf(opened));
    expect(Object.keys(cookiesOf(echoed)).sort()).toEqual(both(person));
    for (const { maxAge } of Object.values(cookiesOf(echoed))) expect(maxAge).toBe(300);
  });

  it.each(['/v1/auth/logout', '/v1/users/@me/disable', '/v1/users/@me/delete'])(
    'is taken back from the browser by %s',
    async (path) => {
      const person = await withApp();
      const opened = await act(person.client, byApp(person.app));
      const reply = await person.client.post(path, {}, byHeader(opened));
      decode.empty(reply);
      const cookies = cookiesOf(reply);
      expect(Object.keys(cookies).sort()).toEqual(both(person));
      for (const { value, maxAge } of Object.values(cookies)) expect([value, maxAge]).toEqual(['', 0]);
      expect(reply.headers.getSetCookie().some((line) => line.startsWith('fluxer_session=;'))).toBe(true);
    },
  );

  it('is taken back by a log-out that nobody is behind any more', async () => {
    const cookies = cookiesOf(await world.client().post('/v1/auth/logout'));
    expect(cookies).toEqual({ fluxer_sudo_mode: { value: '', maxAge: 0 } });
  });

  it('is not to be had by a factor the account has not, and asking so costs nothing', async () => {
    const { client, app } = await withApp();
    for (const mfa_method of ['webauthn', 'sms']) {
      // Twice what would stop the account.
      for (let tries = 0; tries < 20; tries++)
        expect(refusal(await act(client, { mfa_method, mfa_code: '123456' }))).toBe(WRONG_CODE);
    }
    expect(refusal(await act(client))).toBe(REQUIRED);
    decode.empty(await act(client, byApp(app)));
  });

  it('is to be had by a backup code whichever factor made it', async () => {
    const person = await withApp();
    const [mfa_code = ''] = person.app.backupCodes;
    decode.empty(await act(person.client, { mfa_method: 'totp', mfa_code }));
  });
});
