import { sql } from 'kysely';
import { consumed, type Database, deleteInBatches, type Queryable } from '../../storage/index.ts';

export async function insertSmsCode(
  db: Queryable,
  code: { reference: string; hash: string; expiresAt: number },
): Promise<void> {
  await db
    .insertInto('sms_code')
    .values({
      reference: code.reference,
      hash: code.hash,
      attempts: 0,
      expires_at: code.expiresAt,
      consumed_at: null,
    })
    .execute();
}

/** Takes one try of a live code and tells its hash; null when there is no code or no try left. */
export async function takeTry(
  db: Queryable,
  code: { reference: string; limit: number; now: number },
): Promise<string | null> {
  const row = await db
    .updateTable('sms_code')
    .set((expression) => ({ attempts: expression('attempts', '+', 1) }))
    .where('reference', '=', code.reference)
    .where('attempts', '<', code.limit)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', code.now)
    .returning('hash')
    .executeTakeFirst();
  return row?.hash ?? null;
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendSmsCode(db: Queryable, reference: string, now: number): Promise<boolean> {
  return await consumed(
    db
      .updateTable('sms_code')
      .set({ consumed_at: now })
      .where('reference', '=', reference)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now),
  );
}

export async function deleteSmsCode(db: Queryable, reference: string): Promise<void> {
  await db.deleteFrom('sms_code').where('reference', '=', reference).execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredSmsCodes(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'sms_code', key: 'reference', where: sql`expires_at <= ${now}` });
}
