import { type Selectable, sql } from 'kysely';
import { tokenHash } from '../../crypto/index.ts';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Tables,
  type Transaction,
} from '../../storage/index.ts';

export type ChangeKind = Tables['email_change']['kind'];

export interface EmailChange {
  kind: ChangeKind;
  original: string | null;
  needsOriginal: boolean;
  originalProof: string | null;
  newAddress: string | null;
  isCompleted: boolean;
}

/** In whose hands a ticket or token has to be. */
export interface Holder {
  userId: string;
  sessionId: string;
}

export async function insertEmailChange(
  tx: Transaction,
  change: Holder &
    Omit<EmailChange, 'isCompleted'> & { ticket: string; projectId: string; now: number; expiresAt: number },
): Promise<void> {
  await tx
    .insertInto('email_change')
    .values({
      ticket_hash: tokenHash(change.ticket),
      project_id: change.projectId,
      user_id: change.userId,
      session_id: change.sessionId,
      kind: change.kind,
      original: change.original,
      needs_original: change.needsOriginal ? 1 : 0,
      original_proof: change.originalProof,
      new_address: change.newAddress,
      completed_at: null,
      token_hash: null,
      token_expires_at: null,
      token_used_at: null,
      last_step_at: change.now,
      expires_at: change.expiresAt,
    })
    .execute();
}

/**
 * The live ticket of this holder and kind; null for every other. The update holds the row, so that the steps of one
 * ticket follow one another: each sees all that the one before it did.
 */
export async function takeEmailChange(
  tx: Transaction,
  held: Holder & { ticket: string; kind: ChangeKind; now: number },
): Promise<EmailChange | null> {
  const row = await tx
    .updateTable('email_change')
    .set({ last_step_at: held.now })
    .where('ticket_hash', '=', tokenHash(held.ticket))
    .where('user_id', '=', held.userId)
    .where('session_id', '=', held.sessionId)
    .where('kind', '=', held.kind)
    .where('expires_at', '>', held.now)
    .returningAll()
    .executeTakeFirst();
  return row ? emailChangeFrom(row) : null;
}

function emailChangeFrom(row: Selectable<Tables['email_change']>): EmailChange {
  return {
    kind: row.kind,
    original: row.original,
    needsOriginal: row.needs_original === 1,
    originalProof: row.original_proof,
    newAddress: row.new_address,
    isCompleted: row.completed_at !== null,
  };
}

export async function saveOriginalProof(tx: Transaction, ticket: string, sealed: string): Promise<void> {
  await tx
    .updateTable('email_change')
    .set({ original_proof: sealed })
    .where('ticket_hash', '=', tokenHash(ticket))
    .execute();
}

export async function saveNewAddress(tx: Transaction, ticket: string, address: string): Promise<void> {
  await tx
    .updateTable('email_change')
    .set({ new_address: address })
    .where('ticket_hash', '=', tokenHash(ticket))
    .execute();
}

/** Ends the ticket in a token, once. */
export async function completeEmailChange(
  tx: Transaction,
  end: { ticket: string; token: string; now: number; tokenExpiresAt: number },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('email_change')
      .set({
        completed_at: end.now,
        token_hash: tokenHash(end.token),
        token_expires_at: end.tokenExpiresAt,
        // The row outlives its ticket as long as its token lives.
        expires_at: end.tokenExpiresAt,
      })
      .where('ticket_hash', '=', tokenHash(end.ticket))
      .where('completed_at', 'is', null),
  );
}

/** Spends a token in its holder's hands, and tells what it changes; null when it is not to be had. */
export async function spendEmailToken(
  tx: Transaction,
  held: Holder & { token: string; now: number },
): Promise<{ original: string | null; newAddress: string } | null> {
  const row = await tx
    .updateTable('email_change')
    .set({ token_used_at: held.now })
    .where('token_hash', '=', tokenHash(held.token))
    .where('user_id', '=', held.userId)
    .where('session_id', '=', held.sessionId)
    .where('token_used_at', 'is', null)
    .where('token_expires_at', '>', held.now)
    .returning(['original', 'new_address'])
    .executeTakeFirst();
  return row?.new_address == null ? null : { original: row.original, newAddress: row.new_address };
}

/** Whether a token would be good in these hands if it were not too old. */
export async function isEmailTokenExpired(
  tx: Transaction,
  held: Holder & { token: string; now: number },
): Promise<boolean> {
  const row = await tx
    .selectFrom('email_change')
    .select('ticket_hash')
    .where('token_hash', '=', tokenHash(held.token))
    .where('user_id', '=', held.userId)
    .where('session_id', '=', held.sessionId)
    .where('token_used_at', 'is', null)
    .where('token_expires_at', '<=', held.now)
    .executeTakeFirst();
  return row !== undefined;
}

/** Holds a user's tickets until the transaction ends, in one order. */
export async function holdEmailChanges(tx: Transaction, userId: string): Promise<void> {
  await tx
    .selectFrom('email_change')
    .select('ticket_hash')
    .where('user_id', '=', userId)
    .orderBy('ticket_hash')
    .forUpdate()
    .execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteOldEmailChanges(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'email_change', key: 'ticket_hash', where: sql`expires_at <= ${now}` });
}
