import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  ManualClock,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const DAY = 86_400_000;
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const idHash = (token: string | null) =>
  createHash('sha256')
    .update(token ?? '')
    .digest('base64url');

describe.each(DIALECTS)('operations 10, 11 and 12, sessions, on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  async function signedIn(email: string, headers: Record<string, string> = {}): Promise<Client> {
    const client = world.client();
    const reply = await client.post('/v1/auth/login', { email, password: PASSWORD }, headers);
    client.token = decode.token(reply).token;
    return client;
  }
  const isAlive = async (client: Client) => (await client.get('/v1/users/@me')).status === 200;
  const list = async (client: Client) => decode.sessions(await client.get('/v1/auth/sessions'));

  it('lists my own sessions by the hash of their token, the newest use first, and which one is this', async () => {
    const { client, email } = await world.person();
    await world.person();
    clock.advance(DAY);
    const second = await signedIn(email);
    const found = (await list(second)).map(({ id_hash, current }) => [id_hash, current]);
    // The third is the one that registering made.
    expect(found).toHaveLength(3);
    expect(found.slice(0, 2)).toEqual([
      [idHash(second.token), true],
      [idHash(client.token), false],
    ]);
  });

  it('describes the device, hides a part of the address, and tells no token', async () => {
    const { email } = await world.person();
    const desktop = await signedIn(email, { 'user-agent': CHROME, 'x-fluxer-platform': 'desktop' });
    const browser = await signedIn(email, { 'user-agent': CHROME, 'x-fluxer-platform': 'web' });
    const found = await list(desktop);
    const of = (client: Client) => found.find(({ id_hash }) => id_hash === idHash(client.token));
    expect(of(desktop)?.client_info).toMatchObject({
      platform: 'Fluxer Desktop',
      os: 'Windows',
      device: 'desktop',
    });
    expect(of(browser)?.client_info).toMatchObject({ platform: 'Chrome', os: 'Windows', device: 'desktop' });
    expect(of(desktop)?.masked_ip).not.toBe(desktop.address);
    expect(JSON.stringify(found)).not.toContain(desktop.address);
    expect(JSON.stringify(found)).not.toContain(desktop.token);
  });

  it('knows a session for seven days after its last use and not longer [D04, N08]', async () => {
    const { client, email } = await world.person();
    const idle = await signedIn(email);
    for (let day = 0; day < 3; day++) {
      clock.advance(6 * DAY);
      expect(await isAlive(client)).toBe(true);
      // Uses are gathered for a second before they are written, and this clock jumps days within it.
      await world.instance.sessions.flush();
    }
    expect(await isAlive(idle)).toBe(false);
    clock.advance(7 * DAY + 60_000);
    expect(refusal(await client.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
    expect(refusal(await client.get('/v1/auth/sessions'))).toBe('401 UNAUTHORIZED');
  });

  it('ends by logout exactly the session that asks, at once, however the token is written [D05]', async () => {
    const { client, email } = await world.person();
    for (const prefix of ['', 'Bearer ']) {
      const leaving = await signedIn(email);
      const token = leaving.token ?? '';
      leaving.token = `${prefix}${token}`;
      const reply = await leaving.post('/v1/auth/logout');
      decode.empty(reply);
      expect(reply.headers.get('set-cookie')).toMatch(/^fluxer_session=;.*Max-Age=0/);
      leaving.token = token;
      expect(refusal(await leaving.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
      expect(await isAlive(client)).toBe(true);
    }
  });

  it('answers logout 204 to anybody, with any body or none', async () => {
    const client = world.client();
    for (const token of [null, 'flx_unknown', 'Bearer nothing', 'Bot 1.x']) {
      client.token = token;
      for (const body of [undefined, '', '{}']) decode.empty(await client.post('/v1/auth/logout', body));
    }
  });

  it('asks for the password before it ends several, and without it ends none [D06, D08]', async () => {
    const { client, email } = await world.person();
    const other = await signedIn(email);
    const session_id_hashes = [idHash(other.token)];
    const without = await client.post('/v1/auth/sessions/logout', { session_id_hashes });
    expect(refusal(without)).toBe('403 SUDO_MODE_REQUIRED');
    expect(without.json).toMatchObject({ has_mfa: false });
    const wrong = { session_id_hashes, password: 'not the right one' };
    expect(refusal(await client.post('/v1/auth/sessions/logout', wrong))).toBe(
      '400 INVALID_FORM_BODY password:INVALID_PASSWORD',
    );
    expect(await isAlive(other)).toBe(true);
    expect(await list(client)).toHaveLength(3);
  });

  it.each(['session_id_hashes', 'session_ids'])('ends exactly those named in %s', async (field) => {
    const { client, email } = await world.person();
    const named = [await signedIn(email), await signedIn(email)];
    const spared = await signedIn(email);
    const hashes = named.map(({ token }) => idHash(token));
    decode.empty(await client.post('/v1/auth/sessions/logout', { [field]: hashes, password: PASSWORD }));
    for (const client of named) expect(await isAlive(client)).toBe(false);
    for (const client of [spared]) expect(await isAlive(client)).toBe(true);
    expect(await isAlive(client)).toBe(true);
  });

  it('ignores hashes that are unknown or of somebody else [J02]', async () => {
    const { client } = await world.person();
    const stranger = await world.person();
    const session_id_hashes = [idHash(stranger.client.token), 'nonsense', idHash('x'), stranger.userId];
    decode.empty(await client.post('/v1/auth/sessions/logout', { session_id_hashes, password: PASSWORD }));
    expect(await isAlive(stranger.client)).toBe(true);
    expect(await isAlive(client)).toBe(true);
  });

  it('ends the own session too when it is named', async () => {
    const { client } = await world.person();
    const session_id_hashes = [idHash(client.token)];
    decode.empty(await client.post('/v1/auth/sessions/logout', { session_id_hashes, password: PASSWORD }));
    expect(await isAlive(client)).toBe(false);
  });

  it.each([
    ['no list', {}, 'session_id_hashes:INVALID_FORMAT'],
    [
      'no list and a short password',
      { password: 'x' },
      'password:PASSWORD_LENGTH_INVALID session_id_hashes:INVALID_FORMAT',
    ],
    ['a text', { session_id_hashes: 'abc' }, 'session_id_hashes:INVALID_FORMAT'],
    ['a number within', { session_id_hashes: ['a', 7] }, 'session_id_hashes.1:INVALID_FORMAT'],
    ['an empty text within', { session_id_hashes: [''] }, 'session_id_hashes.0:INVALID_FORMAT'],
    [
      'a long text within',
      { session_id_hashes: ['a'.repeat(257)] },
      'session_id_hashes.0:STRING_LENGTH_INVALID',
    ],
  ])('refuses %s', async (_what, body, items) => {
    const { client } = await world.person();
    const reply = await client.post('/v1/auth/sessions/logout', body);
    expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${items}`);
    expect(await isAlive(client)).toBe(true);
  });

  it('takes 100 hashes and refuses 101', async () => {
    const { client } = await world.person();
    const hashes = (count: number) => Array.from({ length: count }, (_, index) => idHash(String(index)));
    const send = (session_id_hashes: string[]) =>
      client.post('/v1/auth/sessions/logout', { session_id_hashes, password: PASSWORD });
    decode.empty(await send(hashes(100)));
    expect(refusal(await send(hashes(101)))).toMatch(/^400 INVALID_FORM_BODY session_id_hashes:/);
  });

  it('serves sessions to nobody who is not signed in', async () => {
    const client = world.client();
    expect(refusal(await client.get('/v1/auth/sessions'))).toBe('401 UNAUTHORIZED');
    // Who it is comes before what was sent (contract 0.6).
    expect(refusal(await client.post('/v1/auth/sessions/logout', { session_id_hashes: 7 }))).toBe(
      '401 UNAUTHORIZED',
    );
  });
});
