import { sql } from 'kysely';
import type { Database, Queryable } from '../../storage/index.ts';

export interface Count {
  count: number;
  expiresAt: number;
}

/** Adds one to each in a single statement, in the given order; a window that has passed starts anew. */
export async function addOneEach(
  db: Queryable,
  counters: readonly { key: string; windowMs: number }[],
  now: number,
): Promise<Map<string, Count>> {
  const rows = await db
    .insertInto('counter')
    .values(counters.map(({ key, windowMs }) => ({ key, count: 1, expires_at: now + windowMs })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        count: sql<number>`case when counter.expires_at <= ${now} then 1 else counter.count + 1 end`,
        expires_at: sql<number>`case when counter.expires_at <= ${now} then excluded.expires_at else counter.expires_at end`,
      }),
    )
    .returning(['key', 'count', 'expires_at'])
    .execute();
  return new Map(rows.map((row) => [row.key, { count: row.count, expiresAt: row.expires_at }]));
}

/** Takes one back, unless its window is over. */
export async function takeOneBack(db: Queryable, key: string, expiresAt: number): Promise<void> {
  await db
    .updateTable('counter')
    .set({ count: sql<number>`counter.count - 1` })
    .where('key', '=', key)
    .where('expires_at', '=', expiresAt)
    .where('count', '>', 0)
    .execute();
}

export async function forget(db: Queryable, key: string): Promise<void> {
  await db.deleteFrom('counter').where('key', '=', key).execute();
}

export async function deleteExpiredCounters(db: Database, now: number): Promise<void> {
  await db.deleteFrom('counter').where('expires_at', '<=', now).execute();
}
