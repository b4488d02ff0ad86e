import { sql } from 'kysely';
import type { Database, Queryable, Transaction } from '../../storage/index.ts';

export interface StoredDevice {
  id: string;
  userAgent: string | null;
  createdAt: number;
}

interface NewDevice extends StoredDevice {
  userId: string;
  endpointHash: string;
  sealed: string;
}

/** Adds a device. One that is there already becomes this user's, and nobody else's. Returns its id. */
export async function saveDevice(tx: Transaction, device: NewDevice): Promise<string> {
  const values = {
    user_id: device.userId,
    sealed: device.sealed,
    user_agent: device.userAgent,
    created_at: device.createdAt,
    failures: 0,
  };
  const row = await tx
    .insertInto('push_subscription')
    .values({ id: device.id, endpoint_hash: device.endpointHash, ...values })
    .onConflict((conflict) => conflict.column('endpoint_hash').doUpdateSet(values))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** A user's devices, newest first. */
export async function listDevices(db: Queryable, userId: string): Promise<StoredDevice[]> {
  const rows = await db
    .selectFrom('push_subscription')
    .select(['id', 'user_agent', 'created_at'])
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({ id: row.id, userAgent: row.user_agent, createdAt: row.created_at }));
}

/** Takes one device of a user's off the list, or all of them; returns how many there were. */
export async function deleteDevices(tx: Transaction, of: { userId: string; id?: string }): Promise<number> {
  let statement = tx.deleteFrom('push_subscription').where('user_id', '=', of.userId);
  if (of.id !== undefined) statement = statement.where('id', '=', of.id);
  return (await statement.returning('id').execute()).length;
}

export async function findSealed(
  db: Database,
  device: { id: string; userId: string },
): Promise<string | null> {
  const row = await db
    .selectFrom('push_subscription')
    .select('sealed')
    .where('id', '=', device.id)
    .where('user_id', '=', device.userId)
    .executeTakeFirst();
  return row?.sealed ?? null;
}

/** `sealed` names the subscription that was tried: the device may have another one meanwhile. */
interface Tried {
  id: string;
  sealed: string;
}

export async function deleteTried(db: Database, { id, sealed }: Tried): Promise<void> {
  await db.deleteFrom('push_subscription').where('id', '=', id).where('sealed', '=', sealed).execute();
}

export async function noteSuccess(db: Database, { id }: Tried): Promise<void> {
  await db
    .updateTable('push_subscription')
    .set({ failures: 0 })
    .where('id', '=', id)
    .where('failures', '>', 0)
    .execute();
}

/** Counts one more failure; returns how many there were in a row. */
export async function noteFailure(db: Database, { id, sealed }: Tried): Promise<number> {
  const row = await db
    .updateTable('push_subscription')
    .set({ failures: sql<number>`failures + 1` })
    .where('id', '=', id)
    .where('sealed', '=', sealed)
    .returning('failures')
    .executeTakeFirst();
  return row?.failures ?? 0;
}
