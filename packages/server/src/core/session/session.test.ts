import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTcpProxy,
  createWorld,
  DIALECTS,
  freshDatabase,
  ManualClock,
  type TcpProxy,
  until,
  type World,
  withinASecond,
} from '../../testing/index.ts';

const DAY = 86_400_000;

describe.each(DIALECTS)('sessions on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  it('live seven days from their last use and no longer [D04, N08]', async () => {
    const { client } = await world.person();
    for (let use = 0; use < 3; use++) {
      world.clock.advance(6 * DAY);
      expect((await client.get('/v1/users/@me')).status).toBe(200);
      await world.instance.sessions.flush();
    }
    world.clock.advance(7 * DAY);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
  });

  it('write their last use at most once a minute', async () => {
    const { client, userId } = await world.person();
    const lastUse = async () => (await world.instance.sessions.list(userId))[0]?.lastUsedAt;
    const before = await lastUse();
    world.clock.advance(30_000);
    await client.get('/v1/users/@me');
    await world.instance.sessions.flush();
    expect(await lastUse()).toBe(before);
    world.clock.advance(31_000);
    await client.get('/v1/users/@me');
    await world.instance.sessions.flush();
    expect(await lastUse()).toBe(world.clock.now());
  });

  it('may be any number of one person: each sign-in adds one and ends none [D07]', async () => {
    const { client, email, password, userId } = await world.person();
    const tokens = [client.token ?? ''];
    const before = (await world.instance.sessions.list(userId)).length;
    while (tokens.length < 12) {
      world.clock.advance(DAY / 24);
      const reply = await world.client().post('/v1/auth/login', { email, password });
      tokens.push((reply.json as { token: string }).token);
    }
    expect(await world.instance.sessions.list(userId)).toHaveLength(before + 11);
    for (const authorization of tokens)
      expect((await world.client().get('/v1/users/@me', { authorization })).status).toBe(200);
  });

  it('are stored as a hash, never as a token [D01]', async () => {
    const { client } = await world.person();
    const rows = await world.instance.storage.db.selectFrom('session').selectAll().execute();
    const stored = JSON.stringify(rows);
    expect(rows.length).toBeGreaterThan(0);
    expect(stored).not.toContain(client.token?.slice(4));
    expect(client.token).toMatch(/^flx_[0-9A-Za-z]{36}$/);
  });

  it('end at once when the user is suspended, and come back only by a new sign-in [D05, bug 31, bug 33]', async () => {
    const { client, email, userId, password } = await world.person();
    const { users, project } = world.instance;
    const actor = { userId: null, sessionId: null, origin: null };
    await users.suspend({ projectId: project.id, id: userId, reason: 'test', actor });
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    const refused = await client.post('/v1/auth/login', { email, password });
    expect(refused.status).toBe(403);
    expect(refused.json).toMatchObject({ code: 'ACCOUNT_SUSPENDED_PERMANENTLY' });
    await users.restore({ projectId: project.id, id: userId, actor });
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    expect((await client.post('/v1/auth/login', { email, password })).status).toBe(200);
  });

  it('obey a shorter life at once when the operator tightens it [bug 35]', async () => {
    const { client } = await world.person();
    const { databaseUrl, dataDir, clock } = world;
    const env = { FLUXGATE_SESSION_IDLE_HOURS: '1' };
    const strict = await createWorld({ dialect, env, database: { databaseUrl, dataDir }, clock });
    try {
      const elsewhere = strict.client();
      elsewhere.token = client.token;
      expect((await elsewhere.get('/v1/users/@me')).status).toBe(200);
      await strict.instance.sessions.flush();
      clock.advance(3_600_000);
      expect((await elsewhere.get('/v1/users/@me')).status).toBe(401);
      expect((await client.get('/v1/users/@me')).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  it('lets expired rows be cleaned away without touching live ones', async () => {
    const { client } = await world.person();
    world.clock.advance(6 * DAY);
    const { client: fresh } = await world.person();
    world.clock.advance(2 * DAY);
    await world.instance.clean();
    const rows = await world.instance.storage.db.selectFrom('session').select('user_id').execute();
    expect(rows.length).toBeGreaterThan(0);
    expect((await client.get('/v1/users/@me')).status).toBe(401);
    expect((await fresh.get('/v1/users/@me')).status).toBe(200);
  });
});

describe('sessions on two nodes over one PostgreSQL', () => {
  const clock = new ManualClock();
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let proxy: TcpProxy;
  let one: World;
  let other: World;

  beforeAll(async () => {
    database = await freshDatabase('postgres');
    proxy = await createTcpProxy(database.databaseUrl);
    one = await createWorld({ dialect: 'postgres', database, clock });
    const { dataDir } = database;
    other = await createWorld({ dialect: 'postgres', database: { databaseUrl: proxy.url, dataDir }, clock });
  });
  afterAll(async () => {
    await other.close();
    await one.close();
    await proxy.close();
    await database.drop();
  });

  /** Somebody signed in at the first node whose session the second one has in its cache. */
  async function knownToBoth() {
    const person = await one.person();
    const elsewhere = other.client();
    elsewhere.token = person.client.token;
    await until(() => other.instance.storage.channel.isProven());
    for (let use = 0; use < 2; use++) expect((await elsewhere.get('/v1/users/@me')).status).toBe(200);
    return { ...person, elsewhere };
  }

  it('are refused everywhere within a second of sign-out, fifty times out of fifty [D05, bug 30]', {
    timeout: 240_000,
  }, async () => {
    const people = [];
    for (let count = 0; count < 50; count++) people.push(await knownToBoth());
    for (const { client, elsewhere } of people) {
      expect((await elsewhere.get('/v1/users/@me')).status).toBe(200);
      expect((await client.post('/v1/auth/logout')).status).toBe(204);
      await withinASecond(async () => (await elsewhere.get('/v1/users/@me')).status === 401);
    }
  });

  it('are never believed from a cache whose channel is not proven [bug 15]', async () => {
    const { client, elsewhere } = await knownToBoth();
    proxy.freeze();
    await withinASecond(() => !other.instance.storage.channel.isProven());
    expect((await client.post('/v1/auth/logout')).status).toBe(204);
    // The second node neither hears of it nor reaches the database: it says so, and never yes.
    const reply = await elsewhere.get('/v1/users/@me');
    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).not.toBeNull();
    proxy.restore();
    await until(async () => (await elsewhere.get('/v1/users/@me')).status === 401);
  });

  it('are forgotten by the cache when the channel was lost and came back', async () => {
    const { client, elsewhere } = await knownToBoth();
    proxy.cut();
    await withinASecond(() => !other.instance.storage.channel.isProven());
    expect((await client.post('/v1/auth/logout')).status).toBe(204);
    proxy.restore();
    await until(() => other.instance.storage.channel.isProven());
    await until(async () => (await elsewhere.get('/v1/users/@me')).status !== 503);
    expect((await elsewhere.get('/v1/users/@me')).status).toBe(401);
  });
});
