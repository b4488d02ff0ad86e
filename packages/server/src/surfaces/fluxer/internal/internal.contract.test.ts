import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  ManualClock,
  PASSWORD,
  type Reply,
  type World,
} from '../../../testing/index.ts';

const SECRET = 'hT3vQm0bXo9Zr2LkP7sWcE5uYdA8nJfG1iRqN6xKtVw';
const HOUR = 3_600_000;

const ROUTES: [method: string, path: string, body?: object][] = [
  ['POST', '/v1/internal/introspect', { token: 'x' }],
  ['DELETE', '/v1/internal/users/1/sessions'],
  ['POST', '/v1/internal/users/1/sessions/logout', {}],
  ['GET', '/v1/internal/events'],
];

describe.each(DIALECTS)('the internal API on %s', (dialect) => {
  const clock = new ManualClock();
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, clock, env: { FLUXGATE_INTERNAL_SECRET: SECRET } });
  });
  afterAll(() => world.close());

  const ask = (
    path: string,
    { method = 'POST', body, secret = SECRET, client = world.client() }: Asked = {},
  ): Promise<Reply> =>
    client.send(`/v1/internal${path}`, {
      method,
      ...(body !== undefined && { body }),
      headers: { 'x-internal-secret': secret },
    });
  const introspect = async (token: string | null) =>
    (await ask('/introspect', { body: { token } })).json as Record<string, unknown>;
  const hashOf = async (client: Client) => (await introspect(client.token))['session_id_hash'];
  const isAlive = async (client: Client) => (await client.get('/v1/users/@me')).status === 200;

  async function another(email: string): Promise<Client> {
    const client = world.client();
    const reply = await client.post('/v1/auth/login', { email, password: PASSWORD });
    client.token = (reply.json as { token: string }).token;
    return client;
  }

  it.each(ROUTES)('%s %s is opened by the secret alone [M03]', async (method, path, body) => {
    const { client } = await world.person();
    const send = (headers: Record<string, string>) =>
      client.send(path, { method, ...(body && { body }), headers });
    expect(refusal(await send({}))).toBe('401 UNAUTHORIZED');
    for (const wrong of [
      '',
      'x',
      SECRET.slice(1),
      `${SECRET}x`,
      SECRET.toLowerCase(),
      `${SECRET}, ${SECRET}`,
    ])
      expect(refusal(await send({ 'x-internal-secret': wrong })), wrong).toBe('403 FORBIDDEN');
    expect(refusal(await send({ authorization: `Bearer ${SECRET}` }))).toBe('401 UNAUTHORIZED');
  });

  it('counts wrong secrets by address, and lets the right one through all the same [I07]', async () => {
    const client = world.client();
    const replies = await Promise.all(
      Array.from({ length: 13 }, () => ask('/introspect', { body: { token: 'x' }, secret: 'wrong', client })),
    );
    const limited = replies.filter((reply) => reply.status === 429);
    expect(limited.length).toBeGreaterThanOrEqual(2);
    for (const reply of limited) {
      expect(refusal(reply)).toBe('429 RATE_LIMITED');
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await ask('/introspect', { body: { token: 'x' }, client })).status).toBe(200);
    expect((await ask('/introspect', { body: { token: 'x' }, secret: 'wrong' })).status).toBe(403);
  });

  it('is not slowed by what limits its clients', async () => {
    const client = world.client();
    const replies = await Promise.all(
      Array.from({ length: 200 }, () => ask('/introspect', { body: { token: 'x' }, client })),
    );
    expect(replies.every((reply) => reply.status === 200)).toBe(true);
  });

  it('never writes the secret or a token into the log [M04]', async () => {
    const { client } = await world.person();
    await introspect(client.token);
    await ask('/introspect', { body: { token: client.token }, secret: `${SECRET}x` });
    const log = world.logLines.join('');
    expect(log).toContain('wrong or missing X-Internal-Secret');
    expect(log).not.toContain(SECRET);
    expect(log).not.toContain(client.token);
  });

  describe('POST introspect', () => {
    it('tells whose a live session is, since when and until when', async () => {
      const { client, userId } = await world.person();
      const found = await introspect(client.token);
      expect(found).toEqual({
        active: true,
        user_id: userId,
        session_id_hash: expect.stringMatching(/^[\w-]{43}$/),
        created_at: new Date(clock.now()).toISOString(),
        expires_at: new Date(clock.now() + 168 * HOUR).toISOString(),
        mfa_enabled: false,
        mfa_methods: [],
      });
      const listed = (await client.get('/v1/auth/sessions')).json as { id_hash: string; current: boolean }[];
      expect(listed.find(({ current }) => current)?.id_hash).toBe(found['session_id_hash']);
    });

    it('counts as a use, so that a session used through a service stays', async () => {
      const { client, userId } = await world.person();
      for (let day = 0; day < 3; day++) {
        clock.advance(100 * HOUR);
        expect(await introspect(client.token)).toMatchObject({ active: true, user_id: userId });
        await world.instance.sessions.flush();
      }
      clock.advance(168 * HOUR);
      expect(await introspect(client.token)).toEqual({ active: false });
    });

    it('tells nothing of a session that is over, of another door, or of no session', async () => {
      const { client, userId } = await world.person();
      const suspended = await world.person();
      await client.post('/v1/auth/logout');
      const actor = { userId: null, sessionId: null, origin: null };
      const projectId = world.instance.project.id;
      await world.instance.users.suspend({ projectId, id: suspended.userId, reason: null, actor });
      const pages = await world.instance.storage.transaction((tx) =>
        world.instance.sessions.issue(tx, { projectId, userId, surface: 'pages', origin: ORIGIN }),
      );
      for (const token of [client.token, suspended.client.token, pages.token, 'flx_unknown', userId])
        expect(await introspect(token)).toEqual({ active: false });
    });

    it.each([[{}], [{ token: 7 }], [{ token: '' }], [{ token: 'x'.repeat(257) }], ['no json']])(
      'refuses the body %j',
      async (body) => {
        expect(refusal(await ask('/introspect', { body }))).toMatch(/^400 INVALID_FORM_BODY/);
      },
    );
  });

  describe('ending sessions', () => {
    it('ends all of one user and of nobody else, and is on the record', async () => {
      const { client, email, userId } = await world.person();
      const second = await another(email);
      const stranger = await world.person();
      const reply = await ask(`/users/${userId}/sessions`, { method: 'DELETE' });
      // The third is the one that registering made.
      expect(reply.json).toEqual({ ended: 3 });
      expect(await isAlive(client)).toBe(false);
      expect(await isAlive(second)).toBe(false);
      expect(await isAlive(stranger.client)).toBe(true);
      const record = await world.instance.storage.db
        .selectFrom('audit_record')
        .selectAll()
        .where('event', '=', 'session.ended')
        .where('user_id', '=', userId)
        .executeTakeFirst();
      expect(record).toMatchObject({ actor_id: null, details: '{"count":3}' });
      expect((await ask(`/users/${userId}/sessions`, { method: 'DELETE' })).json).toEqual({ ended: 0 });
    });

    it('ends those that are named, if they are that user’s', async () => {
      const { client, email, userId } = await world.person();
      const second = await another(email);
      const stranger = await world.person();
      const hashes = [await hashOf(second), await hashOf(stranger.client), 'unknown'];
      const path = `/users/${userId}/sessions/logout`;
      expect((await ask(path, { body: { session_id_hashes: [] } })).json).toEqual({ ended: 0 });
      expect((await ask(path, { body: { session_id_hashes: hashes } })).json).toEqual({ ended: 1 });
      expect(await isAlive(second)).toBe(false);
      expect(await isAlive(client)).toBe(true);
      expect(await isAlive(stranger.client)).toBe(true);
      expect((await ask(path, { body: {} })).json).toEqual({ ended: 2 });
      expect(await isAlive(client)).toBe(false);
    });

    it.each(['1', 'nobody', "' or 1=1"])('knows no user %j', async (id) => {
      const reply = await ask(`/users/${encodeURIComponent(decodeURIComponent(id))}/sessions`, {
        method: 'DELETE',
      });
      expect(refusal(reply)).toBe('404 UNKNOWN_USER');
    });
  });

  it('has no HEAD of its stream, and no other routes', async () => {
    expect((await ask('/events', { method: 'HEAD' })).status).toBe(404);
    expect(refusal(await ask('/nothing', { method: 'GET' }))).toBe('404 NOT_FOUND');
    expect(refusal(await ask('/introspect', { method: 'GET' }))).toBe('404 NOT_FOUND');
  });
});

describe('without a secret', () => {
  it('there is no internal API, whatever is presented', async () => {
    const world = await createWorld({ dialect: 'sqlite' });
    try {
      const { client } = await world.person();
      for (const [method, path, body] of ROUTES) {
        for (const secret of ['', 'undefined', SECRET]) {
          const headers = { 'x-internal-secret': secret };
          expect(refusal(await client.send(path, { method, ...(body && { body }), headers }))).toBe(
            '404 NOT_FOUND',
          );
        }
      }
      await client.patch('/v1/users/@me', { bio: 'nobody listens' });
      await client.post('/v1/auth/logout');
      expect(await world.instance.storage.db.selectFrom('event').selectAll().execute()).toEqual([]);
    } finally {
      await world.close();
    }
  });
});

const ORIGIN = {
  address: '203.0.113.7',
  source: '203.0.113.7',
  network: '203.0.113.0/24',
  userAgent: null,
  isDesktop: false,
};

interface Asked {
  method?: string;
  body?: unknown;
  secret?: string;
  client?: Client;
}
