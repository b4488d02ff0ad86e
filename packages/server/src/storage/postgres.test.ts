import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase, until } from '../testing/index.ts';
import { migrate, openStorage, prepared, type Storage } from './index.ts';

describe('PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  const open: Storage[] = [];

  async function connect({ poolSize = 3 } = {}): Promise<Storage> {
    const { databaseUrl, dataDir } = database;
    const onBackgroundError = () => undefined;
    const settings = { databaseUrl, dataDir, nodeName: `node${open.length}`, poolSize, onBackgroundError };
    const storage = await openStorage(settings);
    open.push(storage);
    return storage;
  }

  beforeEach(async () => {
    database = await freshDatabase('postgres');
  });
  afterEach(async () => {
    for (const storage of open.splice(0)) await storage.close();
    await database.drop();
  });

  it('never gives all connections to decisions: who only looks something up need not wait for them', async () => {
    const storage = await connect({ poolSize: 5 });
    const { promise: end, resolve: endAll } = Promise.withResolvers<void>();
    let begun = 0;
    const decisions = Array.from({ length: 8 }, () =>
      storage.transaction(async (tx) => {
        await sql`select 1`.execute(tx);
        begun++;
        await end;
      }),
    );
    await until(() => begun === 4);
    for (let look = 0; look < 10; look++) await storage.ping();
    expect(begun).toBe(4);
    endAll();
    await Promise.all(decisions);
    expect(begun).toBe(8);
  });

  it('waits for the disk at every commit, save that of a statement on its own that a failure may forget', async () => {
    // The tests' PostgreSQL waits for no disk at all; what connects from now on finds what operators have.
    const careless = await connect();
    await sql`do $$ begin
      execute format('alter database %I set synchronous_commit = on', current_database()); end $$`.execute(
      careless.db,
    );
    const storage = await connect();
    const { db } = storage;
    await migrate(storage, [], Date.now);
    // What is deferred runs in the commit itself, and so sees how it waits.
    await sql`create table seen (name text, waits text)`.execute(db);
    await sql`create function note() returns trigger language plpgsql as $$ begin
      insert into seen values (new.name, current_setting('synchronous_commit')); return null; end $$`.execute(
      db,
    );
    await sql`create constraint trigger noting after insert on lease deferrable initially deferred
      for each row execute function note()`.execute(db);
    const add = (isUnhurried: boolean) =>
      prepared(
        (on, { name }: { name: string }) =>
          on.insertInto('lease').values({ name, holder: 'b', expires_at: 1 }).returning(['name']),
        { isUnhurried },
      );
    const [light, full] = [add(true), add(false)];
    expect((await light(db, { name: 'light' })).rows).toMatchObject([{ name: 'light' }]);
    await full(db, { name: 'full' });
    await storage.transaction((tx) => light(tx, { name: 'light among others' }));
    await full(db, { name: 'full afterwards' });
    const seen = await sql<{ name: string; waits: string }>`select * from seen`.execute(db);
    expect(Object.fromEntries(seen.rows.map(({ name, waits }) => [name, waits]))).toEqual({
      light: 'off',
      full: 'on',
      'light among others': 'on',
      'full afterwards': 'on',
    });
  });

  it('plans statements anew when another node has changed their table, and nobody waits for it', async () => {
    const [one, other] = [await connect(), await connect()];
    await migrate(one, [], Date.now);
    const all = () => one.db.selectFrom('lease').selectAll().execute();
    for (let use = 0; use < 3; use++) await Promise.all([all(), all(), all()]);
    await sql`alter table lease add column extra integer`.execute(other.db);
    // A decision is repeated by itself; a lone read is told once and then finds connections that know the table.
    const inDecision = await one.transaction((tx) => tx.selectFrom('lease').selectAll().execute());
    expect(inDecision).toEqual([]);
    expect(await all()).toEqual([]);
  });
});
