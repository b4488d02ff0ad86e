import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createWorld,
  DIALECTS,
  freshDatabase,
  newEmail,
  PASSWORD,
  until,
  type World,
} from './testing/index.ts';

const NEW_PASSWORD = 'chosen by the owner after the theft';
const THIEF_PASSWORD = 'chosen by the thief a moment before';

describe.each(DIALECTS)('what happens at the same time on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    // Slow hashes widen the gap between looking at a password and acting on it.
    const env = { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_PASSWORD_HASH_PASSES: '8' };
    world = await createWorld({ dialect, env });
  });
  afterAll(() => world.close());

  async function resetToken(email: string): Promise<string> {
    await world.client().post('/v1/auth/forgot', { email });
    return (await world.newestMail(email, 'password_reset')).token;
  }

  it('leaves no session of the old password alive after a reset, whoever was quicker [D05, B07, bug 12]', async () => {
    for (let round = 0; round < 5; round++) {
      const { email } = await world.person();
      const token = await resetToken(email);
      const [reset, ...logins] = await Promise.all([
        world.client().post('/v1/auth/reset', { token, password: NEW_PASSWORD }),
        ...Array.from({ length: 5 }, () =>
          world.client().post('/v1/auth/login', { email, password: PASSWORD }),
        ),
      ]);
      expect(reset.status).toBe(200);
      for (const login of logins) {
        const client = world.client();
        client.token = (login.json as { token?: string }).token ?? null;
        expect((await client.get('/v1/users/@me')).status).toBe(401);
      }
      const owner = world.client();
      owner.token = (reset.json as { token: string }).token;
      expect((await owner.get('/v1/users/@me')).status).toBe(200);
    }
  });

  it('lets no change by the old password undo a reset [D05]', async () => {
    for (let round = 0; round < 5; round++) {
      const { client: thief, email } = await world.person();
      const token = await resetToken(email);
      const [reset] = await Promise.all([
        world.client().post('/v1/auth/reset', { token, password: NEW_PASSWORD }),
        ...Array.from({ length: 3 }, () =>
          thief.patch('/v1/users/@me', { password: PASSWORD, new_password: THIEF_PASSWORD }),
        ),
      ]);
      // A change that was quicker than the reset has voided its link; the owner asks for another, and that one holds.
      if (reset.status === 400) {
        const again = await resetToken(email);
        const second = { token: again, password: NEW_PASSWORD };
        expect((await world.client().post('/v1/auth/reset', second)).status).toBe(200);
      } else expect(reset.status).toBe(200);
      const byThief = await world.client().post('/v1/auth/login', { email, password: THIEF_PASSWORD });
      expect(byThief.status).toBe(400);
      expect((await world.client().post('/v1/auth/login', { email, password: NEW_PASSWORD })).status).toBe(
        200,
      );
    }
  });

  it('gives an unclaimed account one password, the first of twenty at once', async () => {
    const client = world.client();
    const { json } = await client.post('/v1/auth/register', { date_of_birth: '1990-01-01', consent: true });
    client.token = (json as { token: string }).token;
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        client.patch('/v1/users/@me', { new_password: `${NEW_PASSWORD} ${index}` }),
      ),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('ends fifty sessions in parallel with their use, and nobody is told of a deadlock', async () => {
    const { email, userId } = await world.person();
    const clients = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const client = world.client();
        const login = await client.post('/v1/auth/login', { email, password: PASSWORD });
        client.token = (login.json as { token: string }).token;
        return client;
      }),
    );
    const { project, users, sessions } = world.instance;
    for (let round = 0; round < 5; round++) {
      world.clock.advance(120_000);
      const replies = await Promise.all([
        ...clients.map((client) => client.get('/v1/users/@me')),
        ...clients.slice(round * 5, round * 5 + 5).map((client) => client.post('/v1/auth/logout')),
        sessions.flush().then(() => ({ status: 200 })),
      ]);
      expect(replies.every(({ status }) => status < 500)).toBe(true);
    }
    const actor = { userId: null, sessionId: null, origin: null };
    await Promise.all([
      users.suspend({ projectId: project.id, id: userId, reason: null, actor }),
      sessions.flush(),
      ...clients.map((client) => client.get('/v1/users/@me')),
    ]);
    for (const client of clients) expect((await client.get('/v1/users/@me')).status).toBe(401);
  });

  it('lets one of two printed set-up links make the first administrator [A10]', async () => {
    const fresh = await createWorld({ dialect });
    const { setup, project } = fresh.instance;
    const links = await Promise.all([setup.issueLink(project.id), setup.issueLink(project.id)]);
    const origin = {
      address: '127.0.0.1',
      source: '127.0.0.1',
      network: '127.0.0.0/24',
      userAgent: null,
      isDesktop: false,
    };
    const made = await Promise.allSettled(
      links.map((token) =>
        setup.complete({
          projectId: project.id,
          surface: 'pages',
          token: token ?? '',
          email: newEmail(),
          password: PASSWORD,
          globalName: null,
          origin,
        }),
      ),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await fresh.close();
  });
});

describe.each(DIALECTS)('what a stranger cannot do on %s', (dialect) => {
  it('lock an account out from one address: tries past its own limit count against nobody [K04, B05]', async () => {
    const world = await createWorld({ dialect });
    const { email, password } = await world.person();
    const attacker = world.client('198.51.100.7');
    for (let attempt = 0; attempt < 60; attempt++) {
      await attacker.post('/v1/auth/login', { email, password: 'a wrong guess' });
      if (attempt % 9 === 8) world.clock.advance(11_000);
    }
    world.clock.advance(31 * 60_000);
    expect((await world.client('203.0.113.9').post('/v1/auth/login', { email, password })).status).toBe(200);
    await world.close();
  });

  it('make a batch of mail fail with one row that nobody can open [L05]', async () => {
    const world = await createWorld({ dialect });
    const { db } = world.instance.storage;
    const now = world.clock.now();
    const row = {
      id: 'out_bad',
      channel: 'mail',
      kind: 'password_changed',
      payload: 'bm90IG91cnM',
      attempts: 0,
    } as const;
    await db
      .insertInto('outbox')
      .values({ ...row, due_at: now - 1, last_error: null, created_at: now })
      .execute();
    const { email } = await world.register(world.client());
    expect((await world.mails(email)).map(({ kind }) => kind)).toEqual(['email_verification']);
    const left = await db.selectFrom('outbox').select(['id', 'due_at']).execute();
    expect(left).toEqual([{ id: 'out_bad', due_at: null }]);
    await world.close();
  });

  it("use a web app's origin, good for the API, against pages and console [I03]", async () => {
    const world = await createWorld({ dialect, env: { FLUXGATE_CORS_ORIGINS: 'https://app.example.com' } });
    const { email, password } = await world.person();
    const headers = { origin: 'https://app.example.com', 'sec-fetch-site': 'same-site' };
    expect((await world.client().post('/v1/auth/login', { email, password }, headers)).status).toBe(200);
    expect((await world.client().form('/login', { email, password }, headers)).status).toBe(403);
    const reply = await world.client().send('/admin/v1/logout', { method: 'POST', headers });
    expect(reply.status).toBe(403);
    await world.close();
  });
});

describe('a PostgreSQL that others use too', () => {
  it('may carry foreign words on our channel, and the server goes on', async () => {
    const database = await freshDatabase('postgres');
    const world = await createWorld({ dialect: 'postgres', database });
    const { client } = await world.person();
    await until(() => world.instance.storage.channel.isProven());
    const stranger = new pg.Client({ connectionString: database.databaseUrl });
    await stranger.connect();
    for (const payload of ['hello', '{}', '[]', 'null', '{"topic":1,"key":2}']) {
      await stranger.query('select pg_notify($1, $2)', ['fluxgate', payload]);
    }
    await stranger.end();
    await until(() => world.logLines.some((line) => line.includes('Somebody else notifies')));
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    expect((await client.post('/v1/auth/logout')).status).toBe(204);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    await world.close();
    await database.drop();
  });
});
