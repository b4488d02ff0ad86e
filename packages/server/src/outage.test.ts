import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createSeverableWorld,
  createWorld,
  DIALECTS,
  freshDatabase,
  newEmail,
  PASSWORD,
  type Reply,
  type Severable,
  type TcpProxy,
  until,
  type World,
  withinASecond,
} from './testing/index.ts';

function expectUnavailable(reply: Reply): void {
  expect(reply.status).toBe(503);
  expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(reply.text).not.toMatch(/password|credential|INVALID/i);
  expect(reply.json).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
}

describe('a PostgreSQL that goes away', () => {
  let severable: Severable;
  let proxy: TcpProxy;
  let world: World;
  beforeAll(async () => {
    severable = await createSeverableWorld();
    ({ proxy, world } = severable);
  });
  afterAll(() => severable.close());

  it('is told as 503 on every path, never as a wrong password, and counts against nobody [N05, N06, bug 82]', async () => {
    const { client, email, password } = await world.person();
    proxy.cut();
    for (let attempt = 0; attempt < 20; attempt++) {
      expectUnavailable(await world.client().post('/v1/auth/login', { email, password }));
    }
    expectUnavailable(await client.get('/v1/users/@me'));
    expectUnavailable(await world.register(world.client()));
    expectUnavailable(await world.client().post('/v1/auth/forgot', { email: newEmail() }));
    expect((await world.client().get('/readyz')).status).toBe(503);
    expect((await world.client().get('/healthz')).status).toBe(200);
    proxy.restore();
    await until(async () => (await world.client().get('/readyz')).status === 200, 10_000);
    // Five tries are all an address has in a quarter of an hour: had the twenty counted, this would be a 429.
    expect((await world.client().post('/v1/auth/login', { email, password })).status).toBe(200);
    expect((await client.get('/v1/users/@me')).status).toBe(200);
  });

  it('and hangs instead of refusing still gives a 503 within its time-out', async () => {
    const { client } = await world.person();
    proxy.freeze();
    const since = performance.now();
    expectUnavailable(await world.client().post('/v1/auth/login', { email: newEmail(), password: PASSWORD }));
    expect(performance.now() - since).toBeLessThan(20_000);
    proxy.restore();
    await until(async () => (await client.get('/v1/users/@me')).status === 200, 10_000);
  });
});

describe('a PostgreSQL behind a network that loses things', () => {
  let severable: Severable;
  let proxy: TcpProxy;
  let world: World;
  beforeAll(async () => {
    severable = await createSeverableWorld();
    ({ proxy, world } = severable);
  });
  afterAll(() => severable.close());

  it('is found again within ten seconds when every old connection has gone silent [N05]', async () => {
    const { client } = await world.person();
    await Promise.all(Array.from({ length: 30 }, () => client.get('/v1/auth/sessions')));
    proxy.silence();
    const since = performance.now();
    await until(async () => (await client.get('/v1/auth/sessions')).status === 200, 20_000);
    expect(performance.now() - since).toBeLessThan(12_000);
    await until(() => world.instance.storage.channel.isProven(), 15_000);
  });

  it("gives no late yes where the answer to a suspension's commit was lost [D05, N05]", async () => {
    const { client, userId } = await world.person();
    await until(() => world.instance.storage.channel.isProven());
    expect((await client.get('/v1/users/@me')).status).toBe(200);
    const { users, project } = world.instance;
    const actor = { userId: null, sessionId: null, origin: null };
    proxy.loseAnswerTo('commit');
    const suspension = users.suspend({ projectId: project.id, id: userId, reason: null, actor });
    const settled = suspension.then(
      () => 'done',
      () => 'unknown',
    );
    // The database has decided; from now on the node must not say yes, although it was never told.
    await withinASecond(async () => (await client.get('/v1/users/@me')).status !== 200);
    await until(async () => (await client.get('/v1/users/@me')).status === 401);
    expect(await settled).toBe('unknown');
    expect((await client.get('/v1/users/@me')).status).toBe(401);
  });
});

describe.each(DIALECTS)('a database that fails on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  /** Breaks one table, as a half-done change of the schema by hand would. */
  async function without(table: string, work: () => Promise<void>): Promise<void> {
    const { db } = world.instance.storage;
    await sql`alter table ${sql.table(table)} rename to ${sql.table(`${table}_gone`)}`.execute(db);
    try {
      await work();
    } finally {
      await sql`alter table ${sql.table(`${table}_gone`)} rename to ${sql.table(table)}`.execute(db);
    }
  }

  it.each(['password_credential', 'session', 'counter', 'audit_record', 'contact'])(
    'without its table %s answers 503 to the right password, and spends nothing [N03, N06, M06]',
    async (table) => {
      const { email, password } = await world.person();
      await without(table, async () => {
        for (let attempt = 0; attempt < 6; attempt++) {
          expectUnavailable(await world.client().post('/v1/auth/login', { email, password }));
        }
      });
      expect((await world.client().post('/v1/auth/login', { email, password })).status).toBe(200);
    },
  );

  it('keeps a wrong password spent even when noting it fails afterwards [K02]', async () => {
    const { email } = await world.person();
    await without('audit_record', async () => {
      for (let attempt = 0; attempt < 5; attempt++) {
        const reply = await world.client().post('/v1/auth/login', { email, password: 'not this one' });
        expect(reply.status).toBe(503);
      }
    });
    const reply = await world.client().post('/v1/auth/login', { email, password: 'not this one' });
    expect(reply.status).toBe(429);
  });

  it('writes nothing of a registration whose last step fails [N03]', async () => {
    const email = newEmail();
    await without('outbox', async () => {
      expectUnavailable(await world.register(world.client(), { email }));
    });
    const { db } = world.instance.storage;
    const contacts = await db.selectFrom('contact').select('id').where('address', '=', email).execute();
    expect(contacts).toEqual([]);
    expect((await world.register(world.client(), { email })).status).toBe(200);
  });

  it('shows no statement, no stack and no table to anybody [M06]', async () => {
    await without('session', async () => {
      const client = world.client();
      client.token = 'flx_nobody';
      for (const path of ['/v1/users/@me', '/account', '/admin/v1/me']) {
        const reply = await client.get(path, { cookie: 'fluxgate=fluxgate_session_nobody' });
        expect(reply.status, path).toBe(503);
        expect(reply.text, path).not.toMatch(/select|session_gone|no such table|\bat .*\.(ts|js)/i);
      }
    });
  });
});

describe('an SQLite file that cannot be opened', () => {
  it('keeps the server from starting instead of starting empty', async () => {
    const database = await freshDatabase('sqlite');
    const world = await createWorld({ dialect: 'sqlite', database });
    await world.close();
    renameSync(join(database.dataDir, 'instance.key'), join(database.dataDir, 'moved.key'));
    await expect(createWorld({ dialect: 'sqlite', database })).rejects.toThrow(/instance\.key/);
    await database.drop();
  });
});
