import { sql } from 'kysely';
import { type Database, deleteInBatches, prepared, type Queryable } from '../../storage/index.ts';

export interface Count {
  count: number;
  expiresAt: number;
}

const upserts = new Map<number, ReturnType<typeof upsertOf>>();

/**
 * The statement for so many counters; a decision spends three at the most. Values: `now`, `key0`, `end0`, `key1`, …
 * A failure of the database's machine may forget the last few tries, which nobody can bring about in order to guess; a
 * crash of this process forgets none.
 */
function upsertOf(size: number) {
  const build = (db: Queryable, values: Record<string, string | number>) =>
    db
      .insertInto('counter')
      .values(
        Array.from({ length: size }, (_, at) => ({
          key: values[`key${at}`] as string,
          count: 1,
          expires_at: values[`end${at}`] as number,
        })),
      )
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({
          count: sql<number>`case when counter.expires_at <= ${values['now']} then 1 else counter.count + 1 end`,
          expires_at: sql<number>`case when counter.expires_at <= ${values['now']} then excluded.expires_at else counter.expires_at end`,
        }),
      )
      .returning(['key', 'count', 'expires_at']);
  return prepared(build, { isUnhurried: true });
}

/** Adds one to each in a single statement, in the given order; a window that has passed starts anew. */
export async function addOneEach(
  db: Queryable,
  counters: readonly { key: string; windowMs: number }[],
  now: number,
): Promise<Map<string, Count>> {
  let upsert = upserts.get(counters.length);
  if (!upsert) {
    upsert = upsertOf(counters.length);
    upserts.set(counters.length, upsert);
  }
  const values: Record<string, string | number> = { now };
  for (const [at, { key, windowMs }] of counters.entries()) {
    values[`key${at}`] = key;
    values[`end${at}`] = now + windowMs;
  }
  const { rows } = await upsert(db, values);
  return new Map(rows.map((row) => [row.key, { count: row.count, expiresAt: row.expires_at }]));
}

const subtractOne = prepared(
  (db, { key, expiresAt }: { key: string; expiresAt: number }) =>
    db
      .updateTable('counter')
      .set({ count: sql<number>`counter.count - 1` })
      .where('key', '=', key)
      .where('expires_at', '=', expiresAt)
      .where('count', '>', 0)
      .returning('key'),
  { isUnhurried: true },
);

/** Takes one back, unless its window is over. Forgotten like the try itself, it leaves one try fewer. */
export async function takeOneBack(db: Queryable, key: string, expiresAt: number): Promise<void> {
  await subtractOne(db, { key, expiresAt });
}

const remove = prepared((db, { key }: { key: string }) => db.deleteFrom('counter').where('key', '=', key));

export async function forget(db: Queryable, key: string): Promise<void> {
  await remove(db, { key });
}

export async function deleteExpiredCounters(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'counter', key: 'key', where: sql`expires_at <= ${now}` });
}
