import SqliteFile from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrations } from '../migrations.ts';
import { DIALECTS, freshDatabase, until } from '../testing/index.ts';
import type { Database, Tables, Transaction } from './database.ts';
import {
  consumed,
  createNodeNumbers,
  type Migration,
  migrate,
  openStorage,
  pendingMigrations,
  prepared,
  type Storage,
  StorageError,
} from './index.ts';
import { withLease } from './lease.ts';
import { KeepingSqliteDialect } from './sqlite.ts';

const START = 1_700_000_000_000;

describe.each(DIALECTS)('storage on %s', (dialect) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  const open: Storage[] = [];

  async function connect(nodeName: string): Promise<Storage> {
    const { databaseUrl, dataDir } = database;
    const storage = await openStorage({
      databaseUrl,
      dataDir,
      nodeName,
      poolSize: 5,
      onBackgroundError: () => undefined,
    });
    open.push(storage);
    return storage;
  }

  beforeEach(async () => {
    database = await freshDatabase(dialect);
  });
  afterEach(async () => {
    for (const storage of open.splice(0)) await storage.close();
    await database.drop();
  });

  it('is migrated once by whichever node is first, the others waiting for it [N09]', async () => {
    const nodes = await Promise.all(['a', 'b', 'c'].map(connect));
    const applied = await Promise.all(nodes.map((storage) => migrate(storage, migrations, Date.now)));
    expect(applied.flat().sort()).toEqual(migrations.map(({ name }) => name).sort());
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    for (const storage of nodes) expect(await pendingMigrations(storage, migrations)).toEqual([]);
  });

  it('is migrated by one node at a time, also when a migration outlasts every lease [N09]', async () => {
    const nodes = await Promise.all(['a', 'b'].map(connect));
    // The waiting node shares this thread, and must not hold it up for as long as it would wait for the file.
    if (dialect === 'sqlite') for (const { db } of nodes) await sql`pragma busy_timeout = 20`.execute(db);
    let now = START;
    let running = 0;
    let mostAtOnce = 0;
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const all = ['a', 'b', 'c'].map(
      (letter): Migration => ({
        name: `2026-01-01-01-${letter}`,
        async up(tx) {
          mostAtOnce = Math.max(mostAtOnce, ++running);
          begun.resolve();
          await goOn.promise;
          await sql`create table ${sql.ref(letter)} (x integer)`.execute(tx);
          running--;
        },
      }),
    );
    const [one, two] = nodes as [Storage, Storage];
    const first = migrate(one, all, () => now);
    await begun.promise;
    now += 3_600_000;
    let looks = 0;
    const second = migrate(two, all, () => {
      looks++;
      return now;
    });
    // The file lets it do nothing at all; elsewhere it has the lease, is refused the migration, and comes again.
    if (dialect === 'postgres') await until(async () => looks >= 3 || running > 1);
    goOn.resolve();
    const applied = (await Promise.all([first, second])).flat();
    expect(applied.sort()).toEqual(all.map(({ name }) => name));
    expect(mostAtOnce).toBe(1);
  });

  it('goes on after an interrupted migration with what is missing, and keeps nothing of a half one', async () => {
    const storage = await connect('a');
    let isBroken = true;
    const all: Migration[] = [
      { name: '2026-01-01-01-a', up: async (tx) => void (await sql`create table a (x integer)`.execute(tx)) },
      {
        name: '2026-01-01-02-b',
        async up(tx) {
          await sql`create table b (x integer)`.execute(tx);
          if (isBroken) throw new Error('power cut');
        },
      },
    ];
    await expect(migrate(storage, all, Date.now)).rejects.toThrow('power cut');
    isBroken = false;
    expect(await migrate(storage, all, Date.now)).toEqual(['2026-01-01-02-b']);
  });

  it('refuses a database that a newer release has migrated, and says what to do', async () => {
    const storage = await connect('a');
    await migrate(storage, migrations, Date.now);
    const older = migrations.slice(0, -1);
    await expect(pendingMigrations(storage, older)).rejects.toThrow(/newer release.*backup/);
  });

  it('runs a prepared statement with the values of each call, in and outside transactions', async () => {
    const storage = await connect('a');
    await migrate(storage, [], Date.now);
    const insert = prepared((db, { name, at }: { name: string; at: number }) =>
      db.insertInto('lease').values({ name, holder: 'fixed', expires_at: at }),
    );
    const find = prepared((db, { name }: { name: string }) =>
      db.selectFrom('lease').select(['holder', 'expires_at']).where('name', '=', name),
    );
    const forget = prepared((db, { name }: { name: string }) =>
      db.updateTable('lease').set({ expires_at: 0 }).where('name', '=', name).where('expires_at', '>', 0),
    );
    await insert(storage.db, { name: 'a', at: 1 });
    await storage.transaction((tx) => insert(tx, { name: 'b', at: 2 }));
    expect((await find(storage.db, { name: 'a' })).rows).toEqual([{ holder: 'fixed', expires_at: 1 }]);
    const { rows } = await storage.transaction((tx) => find(tx, { name: 'b' }));
    expect(rows).toEqual([{ holder: 'fixed', expires_at: 2 }]);
    expect(await consumed(forget(storage.db, { name: 'a' }))).toBe(true);
    expect(await consumed(forget(storage.db, { name: 'a' }))).toBe(false);
  });

  it('keeps a prepared statement of somebody else out of an open transaction', async () => {
    const storage = await connect('a');
    await migrate(storage, [], Date.now);
    const insert = prepared((db, { name }: { name: string }) =>
      db.insertInto('lease').values({ name, holder: 'somebody', expires_at: 0 }),
    );
    const find = prepared((db, { name }: { name: string }) =>
      db.selectFrom('lease').select('name').where('name', '=', name),
    );
    let outside: Promise<unknown>[] = [];
    let isOver = false;
    const undone = storage.transaction(async (tx) => {
      await insert(tx, { name: 'undone' });
      const seen = find(storage.db, { name: 'undone' }).then(({ rows }) => expect(rows).toEqual([]));
      outside = [insert(storage.db, { name: 'done' }), seen];
      // As long as what is decided here takes.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      expect((await find(tx, { name: 'undone' })).rows).toHaveLength(1);
      isOver = true;
      throw new Error('never mind');
    });
    await expect(undone).rejects.toThrow('never mind');
    await Promise.all(outside);
    expect(isOver).toBe(true);
    expect((await find(storage.db, { name: 'done' })).rows).toHaveLength(1);
    expect((await find(storage.db, { name: 'undone' })).rows).toEqual([]);
  });

  it('refuses a prepared statement that would freeze something made of its first values', async () => {
    const storage = await connect('a');
    const find = prepared((db, { name }: { name: string }) =>
      db.selectFrom('lease').selectAll().where('name', '=', `${name}!`),
    );
    expect(() => find(storage.db, { name: 'a' })).toThrow(/may only hand "name" on/);
  });

  it('lets one of fifty parallel updates spend a row', async () => {
    const storage = await connect('a');
    await sql`create table thing (id integer, consumed_at integer)`.execute(storage.db);
    await sql`insert into thing values (1, null)`.execute(storage.db);
    const wins = await Promise.all(
      Array.from({ length: 50 }, () =>
        storage.transaction((tx) =>
          consumed(
            tx
              .updateTable('thing' as never)
              .set({ consumed_at: 1 } as never)
              .where('consumed_at' as never, 'is', null as never),
          ),
        ),
      ),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
  });

  it('rolls a decision back whole, and keeps its messages to itself', async () => {
    const storage = await connect('a');
    await migrate(storage, migrations, Date.now);
    const heard: string[] = [];
    storage.channel.subscribe({ heard: ({ key }) => void heard.push(key), lost: () => undefined });
    const decision = storage.transaction(async (tx) => {
      await tx.insertInto('lease').values({ name: 'x', holder: 'a', expires_at: 1 }).execute();
      await storage.channel.publish(tx, { topic: 'user', key: 'undone' });
      throw new Error('no');
    });
    await expect(decision).rejects.toThrow('no');
    await storage.transaction((tx) => storage.channel.publish(tx, { topic: 'user', key: 'done' }));
    expect(await storage.db.selectFrom('lease').selectAll().execute()).toEqual([]);
    // PostgreSQL brings our own word back a second time, which does no harm.
    expect(new Set(heard)).toEqual(new Set(['done']));
  });

  it('says what failed as one kind of error with the cause inside', async () => {
    const storage = await connect('a');
    const failure = await sql`select * from nowhere`.execute(storage.db).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageError);
    expect((failure as StorageError).message).not.toContain('nowhere');
    expect((failure as StorageError).cause).toBeInstanceOf(Error);
  });

  it('gives a lease to one holder at a time, and takes it from one that died', async () => {
    const storage = await connect('a');
    await migrate(storage, [], Date.now);
    let now = START;
    const lease = (holder: string) => ({ name: 'work', holder, milliseconds: 1_000, now: () => now });
    let innerGotIt = true;
    await withLease(storage.db, lease('a'), async () => {
      innerGotIt = await withLease(storage.db, lease('b'), async () => undefined);
    });
    expect(innerGotIt).toBe(false);
    await storage.db
      .insertInto('lease')
      .values({ name: 'work', holder: 'dead', expires_at: now + 500 })
      .execute();
    expect(await withLease(storage.db, lease('b'), async () => undefined)).toBe(false);
    now += 501;
    expect(await withLease(storage.db, lease('b'), async () => undefined)).toBe(true);
  });

  it("gives every living node a number of its own, and a dead one's again", async () => {
    const storage = await connect('a');
    await migrate(storage, migrations, Date.now);
    const nodes = Array.from({ length: 10 }, (_, index) => createNodeNumbers(storage.db, `node-${index}`));
    const numbers = await Promise.all(nodes.map((node) => node.current(START)));
    expect(new Set(numbers).size).toBe(10);
    expect(await nodes[3]?.current(START + 60_000)).toBe(numbers[3]);
    const later = START + 3_600_000;
    expect(await createNodeNumbers(storage.db, 'new').current(later)).toBe(0);
  });
});

describe('the SQLite file', () => {
  it('is opened for safety: WAL, FULL, foreign keys, waiting for locks [N02]', async () => {
    const database = await freshDatabase('sqlite');
    const { dataDir, databaseUrl } = database;
    const storage = await openStorage({
      databaseUrl,
      dataDir,
      nodeName: 'a',
      poolSize: 1,
      onBackgroundError: () => undefined,
    });
    const pragma = async (name: string) =>
      Object.values(
        (await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(storage.db)).rows[0] ?? {},
      )[0];
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
    expect(await pragma('busy_timeout')).toBe(5000);
    await storage.close();
    await database.drop();
  });

  it('waits for the disk after every commit, save that of a statement that a power cut may forget', async () => {
    const said: string[] = [];
    const file = new SqliteFile(':memory:', { verbose: (text) => void said.push(String(text)) });
    file.exec('create table thing (id integer); pragma synchronous = full');
    const db: Database = new Kysely<Tables>({ dialect: new KeepingSqliteDialect(file) });
    const add = (isUnhurried: boolean) =>
      prepared(
        (on) =>
          on
            .insertInto('lease')
            .values({ name: 'a', holder: 'b', expires_at: 1 })
            .returning(['name', ...(isUnhurried ? (['holder'] as const) : [])]),
        { isUnhurried },
      );
    const light = add(true);
    const full = add(false);
    await sql`create table lease (name text, holder text, expires_at integer)`.execute(db);
    const words = async (work: () => Promise<unknown>) => {
      said.length = 0;
      await work();
      return said.map((text) => text.split(' ').slice(0, 4).join(' ').replace(/ \(.*/, ''));
    };
    expect(await words(() => light(db, {}))).toEqual([
      'pragma synchronous = normal',
      'insert into "lease"',
      'pragma synchronous = full',
    ]);
    expect(await words(() => full(db, {}))).toEqual(['insert into "lease"']);
    expect(await words(() => db.transaction().execute((tx) => light(tx as Transaction, {})))).toEqual([
      'begin immediate',
      'insert into "lease"',
      'commit',
    ]);
    await sql`drop table lease`.execute(db);
    await expect(light(db, {})).rejects.toThrow(StorageError);
    expect(file.pragma('synchronous', { simple: true })).toBe(2);
    await db.destroy();
  });

  it('never plans a statement anew because of what is bound to it, which takes longer than running it', async () => {
    const file = new SqliteFile(':memory:');
    file.exec('create table node (number integer primary key, holder text, expires_at integer)');
    const db: Database = new Kysely<Tables>({ dialect: new KeepingSqliteDialect(file) });
    const texts = [
      db.insertInto('node').values({ number: 1, holder: 'a', expires_at: 2 }).compile().sql,
      db.selectFrom('node').selectAll().where('number', 'in', [1, 2]).limit(3).compile().sql,
      sql`select ${1}`.compile(db).sql,
    ];
    expect(texts.join(' ').match(/.\?/g)).toEqual(Array.from({ length: 7 }, () => '+?'));
    await db.destroy();
  });

  it('leaves out locks on rows, which a transaction that has the whole file does not need', async () => {
    const db: Database = new Kysely<Tables>({
      dialect: new KeepingSqliteDialect(new SqliteFile(':memory:')),
    });
    const select = db.selectFrom('node').select('number').distinct();
    const locks = [select.forUpdate().skipLocked(), select.forKeyShare('node'), select.forShare().noWait()];
    for (const locked of locks) expect(locked.compile().sql.trimEnd()).toBe(select.compile().sql);
    expect(select.compile().sql).toContain('distinct');
    await db.destroy();
  });

  it('gives every kind of value back as it was bound', async () => {
    const db: Database = new Kysely<Tables>({
      dialect: new KeepingSqliteDialect(new SqliteFile(':memory:')),
    });
    const bytes = Buffer.from([0, 255]);
    const { rows } = await sql<Record<string, unknown>>`
      select ${'007'} as "digits", ${7} as "number", ${1.5} as "fraction", ${null} as "nothing", ${bytes} as "bytes"
    `.execute(db);
    expect(rows).toEqual([{ digits: '007', number: 7, fraction: 1.5, nothing: null, bytes }]);
    await db.destroy();
  });
});
