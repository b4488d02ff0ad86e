import { sql } from 'kysely';
import {
  type Database,
  deleteInBatches,
  type Queryable,
  type Tables,
  type Transaction,
} from '../../storage/index.ts';

type Row = Tables['signing_key'];

/** Those that may still have signed something that is alive, the newest first. */
export async function listSigningKeys(db: Queryable, now: number): Promise<Row[]> {
  return await db
    .selectFrom('signing_key')
    .selectAll()
    .where(({ or, eb }) => or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]))
    .orderBy('number', 'desc')
    .execute();
}

/** False when another node has made the key of this number. */
export async function insertSigningKey(tx: Transaction, row: Row): Promise<boolean> {
  const inserted = await tx
    .insertInto('signing_key')
    .values(row)
    .onConflict((conflict) => conflict.column('number').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Gives an end to all keys before one that takes their place. */
export async function endSigningKeysBefore(
  tx: Transaction,
  { number, at }: { number: number; at: number },
): Promise<void> {
  await tx
    .updateTable('signing_key')
    .set({ ends_at: at })
    .where('number', '<', number)
    .where('ends_at', 'is', null)
    .execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteEndedSigningKeys(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'signing_key', key: 'id', where: sql`ends_at <= ${now}` });
}
