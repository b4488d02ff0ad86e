import { sql } from 'kysely';
import { HOUR } from '../../chance.ts';
import {
  type Database,
  deleteInBatches,
  type Queryable,
  type Tables,
  type Transaction,
} from '../../storage/index.ts';

type Row = Tables['event'];

/** Long enough for a service to be restarted; after it, what the service keeps must be read anew. */
export const KEPT_FOR_MS = HOUR;

export async function insertEvent(tx: Transaction, row: Row): Promise<void> {
  await tx.insertInto('event').values(row).execute();
}

/** The project of a user; null when there is no such user any more. */
export async function projectOfUser(tx: Transaction, userId: string): Promise<string | null> {
  const row = await tx.selectFrom('user').select('project_id').where('id', '=', userId).executeTakeFirst();
  return row?.project_id ?? null;
}

export async function findEvents(db: Queryable, ids: readonly string[]): Promise<Row[]> {
  return await db.selectFrom('event').selectAll().where('id', 'in', ids).orderBy('id').execute();
}

/** All events from an instant on, the oldest first; at most `limit`. */
export async function findEventsSince(db: Queryable, at: number, limit: number): Promise<Row[]> {
  return await db.selectFrom('event').selectAll().where('at', '>=', at).orderBy('id').limit(limit).execute();
}

export async function deleteExpiredEvents(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'event', key: 'id', where: sql`at <= ${now - KEPT_FOR_MS}` });
}
