import { type KyselyPlugin, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DIALECTS, freshDatabase } from '../testing/index.ts';
import { deleteInBatches, migrate, openStorage, type Storage } from './index.ts';

describe.each(DIALECTS)('deleting in batches on %s', (dialect) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let storage: Storage;
  beforeEach(async () => {
    database = await freshDatabase(dialect);
    const { databaseUrl, dataDir } = database;
    const onBackgroundError = () => undefined;
    storage = await openStorage({ databaseUrl, dataDir, nodeName: 'a', poolSize: 2, onBackgroundError });
    await migrate(storage, [], Date.now);
  });
  afterEach(async () => {
    await storage.close();
    await database.drop();
  });

  async function fill(count: number, expires_at: number): Promise<void> {
    const row = (index: number) => ({ name: `${expires_at}-${index}`, holder: 'x', expires_at });
    for (let from = 0; from < count; from += 500) {
      const rows = Array.from({ length: Math.min(500, count - from) }, (_, index) => row(from + index));
      await storage.db.insertInto('lease').values(rows).execute();
    }
  }
  const left = async () =>
    (await storage.db.selectFrom('lease').select('name').orderBy('name').execute()).map(({ name }) => name);

  /** How many rows each deletion took; `afterLook` is done between the first look and the deletion that follows. */
  function watched(afterLook: () => Promise<unknown> = async () => undefined) {
    const deleted: number[] = [];
    let looks = 0;
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (result.numAffectedRows !== undefined && result.rows.length === 0)
          deleted.push(Number(result.numAffectedRows));
        else if (looks++ === 0) await afterLook();
        return result;
      },
    };
    return { db: storage.db.withPlugin(plugin), deleted };
  }
  const expired = { from: 'lease', key: 'name', where: sql`expires_at <= ${1}` } as const;

  it('takes at most 500 rows at a time, all of them in the end, and nothing else', async () => {
    await fill(1_234, 1);
    await fill(3, 2);
    const { db, deleted } = watched();
    await deleteInBatches(db, expired);
    expect(deleted.filter((count) => count > 0)).toEqual([500, 500, 234]);
    expect(await left()).toEqual(['2-0', '2-1', '2-2']);
  });

  it('writes nothing where there is nothing to delete', async () => {
    await fill(3, 2);
    const { db, deleted } = watched();
    await deleteInBatches(db, expired);
    expect(deleted).toEqual([]);
    expect(await left()).toHaveLength(3);
  });

  it('leaves a row that was renewed after it was looked at', async () => {
    await fill(4, 1);
    const renew = () =>
      storage.db.updateTable('lease').set({ expires_at: 9 }).where('name', '=', '1-2').execute();
    await deleteInBatches(watched(renew).db, expired);
    expect(await left()).toEqual(['1-2']);
  });

  // SQLite has no rows that somebody holds: its one writer has the file.
  it.runIf(dialect === 'postgres')(
    'waits for no row that somebody holds, and goes on with the others',
    async () => {
      await fill(501, 1);
      await storage.db.transaction().execute(async (tx) => {
        const hold = tx.selectFrom('lease').select('name').where('name', 'in', ['1-7', '1-8']).forUpdate();
        await hold.execute();
        await deleteInBatches(storage.db, expired);
        expect(await left()).toEqual(['1-7', '1-8']);
      });
    },
  );

  it.runIf(dialect === 'postgres')('ends where all that is left is held', async () => {
    await fill(500, 1);
    await storage.db.transaction().execute(async (tx) => {
      await tx.selectFrom('lease').select('name').forUpdate().execute();
      await deleteInBatches(storage.db, expired);
      expect(await left()).toHaveLength(500);
    });
  });
});
