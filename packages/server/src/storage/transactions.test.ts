import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalChannel } from './channel.ts';
import type { Database, Queryable, Storage, Tables, Transaction } from './database.ts';
import { StorageError } from './errors.ts';
import { prepared } from './prepared.ts';
import { KeepingSqliteDialect, openSqliteFile } from './sqlite.ts';
import { sharedCommits } from './transactions.ts';

const insert = prepared((db, values: { name: string }) =>
  db.insertInto('lease').values({ name: values.name, holder: 'a', expires_at: 1 }),
);

describe('decisions on SQLite that share a commit', () => {
  let folder = '';
  let said: string[] = [];
  let file: InstanceType<typeof SqliteFile>;
  let elsewhere: InstanceType<typeof SqliteFile>;
  let db: Database;
  let channel: LocalChannel;
  let transaction: Storage['transaction'];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fluxgate-commits-'));
    const path = join(folder, 'fluxgate.db');
    openSqliteFile(path).close();
    file = new SqliteFile(path, { verbose: (text) => void said.push(String(text)) });
    file.exec(
      'create table lease (name text primary key, holder text, expires_at integer); create table thing (name text references lease (name) deferrable initially deferred)',
    );
    elsewhere = new SqliteFile(path, { readonly: true });
    db = new Kysely<Tables>({ dialect: new KeepingSqliteDialect(file) });
    channel = new LocalChannel();
    transaction = sharedCommits(db, channel);
    said = [];
  });

  afterEach(async () => {
    elsewhere.close();
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const commits = () => said.filter((text) => text === 'commit').length;
  const onDisk = () => elsewhere.prepare('select name from lease order by name').pluck().all();
  const keep = (name: string) =>
    transaction(async (tx) => {
      await insert(tx, { name });
      return name;
    });
  const keepNot = (name: string) =>
    transaction(async (tx) => {
      await insert(tx, { name });
      await channelSays(tx, name);
      throw new Error(`not ${name}`);
    });
  const channelSays = async (tx: Transaction, key: string) => channel.hold(tx, { topic: 'lease', key });
  const fifty = Array.from({ length: 50 }, (_, at) => `name ${String(at).padStart(2, '0')}`);

  it('waits for the disk a few times for fifty at once, and tells each its own answer', async () => {
    expect(await Promise.all(fifty.map(keep))).toEqual(fifty);
    expect(onDisk()).toEqual(fifty);
    expect(commits()).toBe(4);
  });

  it('takes along what each turn of the event loop brings, until one brings nothing', async () => {
    const afterTurns = async (count: number, name: string): Promise<void> => {
      for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
      await keep(name);
    };
    await Promise.all([afterTurns(2, 'c'), afterTurns(1, 'b'), keep('a')]);
    expect(commits()).toBe(1);
    await Promise.all([afterTurns(9, 'e'), keep('d')]);
    expect(commits()).toBe(3);
  });

  it('holds the file within one turn of the event loop only, so that others who write need not wait for more', async () => {
    const free: boolean[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        free.push(!file.inTransaction);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    await Promise.all(fifty.map(keep));
    isOver = true;
    await watching;
    expect(free.length).toBeGreaterThan(4);
    expect(free).not.toContain(false);
  });

  it('tells nobody, of good or bad, before all of it is on the disk', async () => {
    const seen = await Promise.all([
      keep('a').then(onDisk),
      keepNot('b').catch(onDisk),
      keep('c').then(onDisk),
    ]);
    expect(seen).toEqual([
      ['a', 'c'],
      ['a', 'c'],
      ['a', 'c'],
    ]);
    expect(commits()).toBe(1);
  });

  it.each([
    { which: 'the first', spoilt: 0 },
    { which: 'one in the middle', spoilt: 7 },
    { which: 'the last', spoilt: 15 },
  ])('undoes $which alone when it throws, with what it wanted to say', async ({ spoilt }) => {
    const heard: string[] = [];
    channel.subscribe({ heard: ({ key }) => heard.push(key), lost: () => undefined });
    const names = fifty.slice(0, 16);
    const outcomes = await Promise.allSettled(
      names.map((name, at) =>
        at === spoilt
          ? keepNot(name)
          : transaction(async (tx) => {
              await insert(tx, { name });
              await channelSays(tx, name);
            }),
      ),
    );
    const others = names.filter((_, at) => at !== spoilt);
    expect(outcomes.flatMap(({ status }, at) => (status === 'rejected' ? [at] : []))).toEqual([spoilt]);
    expect(outcomes[spoilt]).toMatchObject({ reason: new Error(`not ${names[spoilt]}`) });
    expect(onDisk()).toEqual(others);
    expect(heard).toEqual(others);
  });

  it('gives each a transaction of its own to keep things by, which no other meets', async () => {
    const seen = new Set<Transaction>();
    await Promise.all(
      fifty.map((name) =>
        transaction(async (tx) => {
          expect(tx.isTransaction).toBe(true);
          seen.add(tx);
          await insert(tx, { name });
        }),
      ),
    );
    expect(seen.size).toBe(50);
    expect(commits()).toBe(4);
  });

  it('keeps nothing and tells everybody so when the commit fails', async () => {
    const heard: string[] = [];
    channel.subscribe({ heard: ({ key }) => heard.push(key), lost: () => undefined });
    const outcomes = await Promise.allSettled([
      keep('a'),
      transaction(async (tx) => {
        await sql`insert into thing (name) values ('nobody')`.execute(tx);
        await channelSays(tx, 'thing');
      }),
      keepNot('b'),
    ]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StorageError) });
    expect(onDisk()).toEqual([]);
    // The answer to a commit may be all that was lost: who hears it for nothing reads once more.
    expect(heard).toEqual(['thing']);
    await keep('c');
    expect(onDisk()).toEqual(['c']);
  });

  it('says yes to none that a full disk has undone', async () => {
    file.pragma(`max_page_count = ${Number(file.pragma('page_count', { simple: true })) + 10}`);
    const outcomes = await Promise.allSettled(
      fifty.map((name) => keep(`${name} ${'x'.repeat(name.endsWith('9') ? 20_000 : 10)}`)),
    );
    const kept = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(fifty.length);
    expect(onDisk()).toEqual(kept);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'SQLITE_FULL' });
  });

  it('shows what is not committed to nobody outside, who gets a turn after sixteen', async () => {
    const names = async (on: Queryable) =>
      (await on.selectFrom('lease').select('name').execute()).map(({ name }) => name);
    const { promise: seen, resolve: see } = Promise.withResolvers<string[]>();
    const all = Promise.all([
      transaction(async (tx) => {
        await insert(tx, { name: 'first' });
        names(db).then(see, () => undefined);
      }),
      ...fifty.map(keep),
    ]);
    expect(await seen).toHaveLength(16);
    await all;
    expect(await names(db)).toHaveLength(51);
  });
});
