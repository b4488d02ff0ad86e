import { sql } from 'kysely';
import { consumed, type Database, deleteInBatches, type Queryable } from '../../storage/index.ts';

export interface StoredStepUp {
  hash: string;
  projectId: string;
  sessionId: string;
  redirectUrl: string;
  state: string | null;
  expiresAt: number;
}

export async function insertStepUp(db: Queryable, ticket: StoredStepUp): Promise<void> {
  await db
    .insertInto('step_up_ticket')
    .values({
      hash: ticket.hash,
      project_id: ticket.projectId,
      session_id: ticket.sessionId,
      redirect_url: ticket.redirectUrl,
      state: ticket.state,
      expires_at: ticket.expiresAt,
      consumed_at: null,
    })
    .execute();
}

/** An unspent one in its time; null for every other. Changes nothing. */
export async function findStepUp(
  db: Queryable,
  { hash, now }: { hash: string; now: number },
): Promise<StoredStepUp | null> {
  const row = await db
    .selectFrom('step_up_ticket')
    .selectAll()
    .where('hash', '=', hash)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (!row) return null;
  return {
    hash: row.hash,
    projectId: row.project_id,
    sessionId: row.session_id,
    redirectUrl: row.redirect_url,
    state: row.state,
    expiresAt: row.expires_at,
  };
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendStepUp(
  db: Queryable,
  { hash, now }: { hash: string; now: number },
): Promise<boolean> {
  return await consumed(
    db
      .updateTable('step_up_ticket')
      .set({ consumed_at: now })
      .where('hash', '=', hash)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now),
  );
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredStepUps(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'step_up_ticket', key: 'hash', where: sql`expires_at <= ${now}` });
}
