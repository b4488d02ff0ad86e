import { sql } from 'kysely';
import { consumed, type Database, deleteInBatches, type Queryable } from '../../storage/index.ts';

export interface StoredAttempt {
  hash: string;
  projectId: string;
  issuer: string;
  secrets: string;
  expiresAt: number;
}

export async function insertAttempt(db: Queryable, attempt: StoredAttempt): Promise<void> {
  await db
    .insertInto('sso_attempt')
    .values({
      hash: attempt.hash,
      project_id: attempt.projectId,
      issuer: attempt.issuer,
      secrets: attempt.secrets,
      expires_at: attempt.expiresAt,
      consumed_at: null,
    })
    .execute();
}

export interface PresentedAttempt {
  hash: string;
  projectId: string;
  issuer: string;
  now: number;
}

/** The sealed secrets of an attempt that is still to be spent; null for any other. Changes nothing. */
export async function findAttempt(db: Queryable, presented: PresentedAttempt): Promise<string | null> {
  const row = await db
    .selectFrom('sso_attempt')
    .select('secrets')
    .where('hash', '=', presented.hash)
    .where('project_id', '=', presented.projectId)
    .where('issuer', '=', presented.issuer)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', presented.now)
    .executeTakeFirst();
  return row?.secrets ?? null;
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendAttempt(db: Database, presented: PresentedAttempt): Promise<boolean> {
  return await consumed(
    db
      .updateTable('sso_attempt')
      .set({ consumed_at: presented.now })
      .where('hash', '=', presented.hash)
      .where('project_id', '=', presented.projectId)
      .where('issuer', '=', presented.issuer)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', presented.now),
  );
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredSsoAttempts(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'sso_attempt', key: 'hash', where: sql`expires_at <= ${now}` });
}
