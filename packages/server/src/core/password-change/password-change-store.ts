import { sql } from 'kysely';
import { tokenHash } from '../../crypto/index.ts';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Queryable,
  type Transaction,
} from '../../storage/index.ts';

/** In whose hands a ticket has to be, and when. */
export interface Held {
  ticket: string;
  userId: string;
  sessionId: string;
  now: number;
}

export interface PasswordChange {
  address: string;
  proofHash: string | null;
  isCompleted: boolean;
}

export async function insertPasswordChange(
  tx: Transaction,
  change: Held & { address: string; expiresAt: number },
): Promise<void> {
  await tx
    .insertInto('password_change')
    .values({
      ticket_hash: tokenHash(change.ticket),
      user_id: change.userId,
      session_id: change.sessionId,
      address: change.address,
      proof_hash: null,
      completed_at: null,
      last_step_at: change.now,
      expires_at: change.expiresAt,
    })
    .execute();
}

/** The live ticket of this holder; null for every other. Changes nothing. */
export async function findPasswordChange(db: Queryable, held: Held): Promise<PasswordChange | null> {
  const row = await db
    .selectFrom('password_change')
    .select(['address', 'proof_hash', 'completed_at'])
    .where('ticket_hash', '=', tokenHash(held.ticket))
    .where('user_id', '=', held.userId)
    .where('session_id', '=', held.sessionId)
    .where('expires_at', '>', held.now)
    .executeTakeFirst();
  return row
    ? { address: row.address, proofHash: row.proof_hash, isCompleted: row.completed_at !== null }
    : null;
}

/** The same, and the row is held until the transaction ends, so that the steps of one ticket follow one another. */
export async function takePasswordChange(tx: Transaction, held: Held): Promise<PasswordChange | null> {
  await tx
    .updateTable('password_change')
    .set({ last_step_at: held.now })
    .where('ticket_hash', '=', tokenHash(held.ticket))
    .execute();
  return await findPasswordChange(tx, held);
}

/** A new proof takes the place of the one before. */
export async function saveProof(tx: Transaction, ticket: string, proof: string): Promise<void> {
  await tx
    .updateTable('password_change')
    .set({ proof_hash: tokenHash(proof) })
    .where('ticket_hash', '=', tokenHash(ticket))
    .execute();
}

/** Ends the ticket by its proof: of any number of parallel callers exactly one is told yes. */
export async function spendProof(tx: Transaction, held: Held & { proof: string }): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('password_change')
      .set({ completed_at: held.now })
      .where('ticket_hash', '=', tokenHash(held.ticket))
      .where('user_id', '=', held.userId)
      .where('session_id', '=', held.sessionId)
      .where('proof_hash', '=', tokenHash(held.proof))
      .where('completed_at', 'is', null)
      .where('expires_at', '>', held.now),
  );
}

/** Holds a user's tickets until the transaction ends, in one order. */
export async function holdPasswordChanges(tx: Transaction, userId: string): Promise<void> {
  await tx
    .selectFrom('password_change')
    .select('ticket_hash')
    .where('user_id', '=', userId)
    .orderBy('ticket_hash')
    .forUpdate()
    .execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteOldPasswordChanges(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, {
    from: 'password_change',
    key: 'ticket_hash',
    where: sql`expires_at <= ${now}`,
  });
}
