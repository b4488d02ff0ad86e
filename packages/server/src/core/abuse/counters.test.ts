import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStorage, type Storage, StorageError } from '../../storage/index.ts';
import { freshDatabase, until } from '../../testing/index.ts';
import { createCounters } from './index.ts';

const clock = () => 1_000;

/** Of SQLite's writers there is never more than one, and so nobody whom it could wait for in a circle. */
describe('the counters of guesses on postgres', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let storage: Storage;
  beforeEach(async () => {
    database = await freshDatabase('postgres', { migrated: true });
    const { databaseUrl, dataDir } = database;
    const onBackgroundError = () => undefined;
    storage = await openStorage({ databaseUrl, dataDir, nodeName: 'a', poolSize: 4, onBackgroundError });
  });
  afterEach(async () => {
    await storage.close();
    await database.drop();
  });

  const allowance = (name: string) => ({ name, key: 'somebody', limit: 5, windowMs: 1_000 });
  const counts = async () =>
    Object.fromEntries(
      (await storage.db.selectFrom('counter').select(['key', 'count']).execute()).map((row) => [
        row.key.split(':')[0],
        row.count,
      ]),
    );

  /** A storage that reports each of these errors in place of a statement, and then works. */
  function failing(codes: string[]): Storage {
    const db = new Proxy(storage.db, {
      get(target, property) {
        if (property === 'executeQuery' && codes.length > 0)
          return () => Promise.reject(new StorageError(codes.shift() ?? '', null));
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { ...storage, db };
  }

  it('count a try once that PostgreSQL ended because of a deadlock, and none of which it said something else', async () => {
    const spend = (codes: string[]) =>
      createCounters({ storage: failing(codes), clock, enabled: true }).spend([allowance('a')]);
    await spend(['40P01']);
    expect(await counts()).toEqual({ a: 1 });
    await expect(spend(['40P01', '40P01'])).rejects.toMatchObject({ code: '40P01' });
    await expect(spend(['08006'])).rejects.toMatchObject({ code: '08006' });
    expect(await counts()).toEqual({ a: 1 });
  });

  it('are forgotten in the order in which they are counted', async () => {
    const counters = createCounters({ storage, clock, enabled: true });
    const [first, last] = [allowance('second-proof-day'), allowance('second-proof')];
    await counters.spend([first, last]);
    const { db } = storage;
    const isWaiting = async () => {
      const found = await sql`select pid from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
      return found.rows.length === 1;
    };
    const rows = db.selectFrom('counter').select('key').forUpdate();
    let resetting: Promise<void> | undefined;
    await db.transaction().execute(async (tx) => {
      await tx
        .selectFrom('counter')
        .select('key')
        .where('key', 'like', 'second-proof-day:%')
        .forUpdate()
        .execute();
      resetting = storage.transaction((own) => counters.reset(own, [last, first]));
      await until(isWaiting);
      // It waits for the first of them, and does not have the last yet.
      const free = await rows.skipLocked().execute();
      expect(free.map(({ key }) => key.split(':')[0])).toEqual(['second-proof']);
    });
    await resetting;
    expect(await counts()).toEqual({});
  });

  it('are counted, and taken back, by commits that do not wait for the disk', async () => {
    await sql`do $$ begin
      execute format('alter database %I set synchronous_commit = on', current_database()); end $$`.execute(
      storage.db,
    );
    // What is deferred runs in the commit itself, and so sees how it waits.
    await sql`create table seen (count integer, waits text)`.execute(storage.db);
    await sql`create function note() returns trigger language plpgsql as $$ begin
      insert into seen values (new.count, current_setting('synchronous_commit')); return null; end $$`.execute(
      storage.db,
    );
    await sql`create constraint trigger noting after insert or update on counter deferrable initially deferred
      for each row execute function note()`.execute(storage.db);
    await storage.close();
    const { databaseUrl, dataDir } = database;
    const onBackgroundError = () => undefined;
    storage = await openStorage({ databaseUrl, dataDir, nodeName: 'b', poolSize: 4, onBackgroundError });
    const counters = createCounters({ storage, clock, enabled: true });
    await counters.spend([allowance('a')]);
    const { giveBack } = await counters.spend([allowance('a')]);
    await giveBack();
    const { rows } = await sql`select * from seen`.execute(storage.db);
    expect(rows).toEqual([
      { count: 1, waits: 'off' },
      { count: 2, waits: 'off' },
      { count: 1, waits: 'off' },
    ]);
  });
});
