import { setImmediate as turn } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Tables } from './database.ts';

/** A few milliseconds of SQLite's one writer. */
const BATCH = 500;

/**
 * Deletes every row for which `where` is true, a bounded number at a time, and lets others write in between: however
 * much there is to delete, nobody waits for all of it. What to delete is looked up before the writer is needed, and
 * `where` is asked once more as it is deleted, since a row may have been renewed in the meantime. A row that somebody
 * else holds is left for the next time: who waits for nobody is in nobody's way, whatever order others lock rows in.
 * `key` is a column of text that few rows share.
 */
export async function deleteInBatches<Table extends keyof Tables>(
  db: Database,
  rows: { from: Table; key: keyof Tables[Table] & string; where: RawBuilder<unknown> },
): Promise<void> {
  const [from, key] = [sql.table(rows.from), sql.ref(rows.key)];
  for (;;) {
    const found = await sql<{
      key: string;
    }>`select ${key} as key from ${from} where (${rows.where}) limit ${sql.lit(BATCH)}`.execute(db);
    const keys = found.rows.map((row) => row.key);
    const [first] = keys;
    if (first === undefined) return;
    // Always as many, so that it is one statement, which databases keep prepared.
    const filled = [...keys, ...Array.from({ length: BATCH - keys.length }, () => first)];
    const free = db
      .selectFrom(sql`${from}`.as('rows'))
      .select(sql<string>`${key}`.as('key'))
      .where(sql<boolean>`${key} in (${sql.join(filled)}) and (${rows.where})`)
      .forUpdate()
      .skipLocked();
    const { numAffectedRows } =
      await sql`delete from ${from} where ${key} in ${free} and (${rows.where})`.execute(db);
    if (keys.length < BATCH || numAffectedRows === 0n) return;
    await turn();
  }
}
