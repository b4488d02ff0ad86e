import type { Queryable, Transaction } from '../../storage/index.ts';

export async function isSmsEnabled(db: Queryable, userId: string): Promise<boolean> {
  return (await smsEnabledAt(db, userId)) !== null;
}

/** Null where it is off. */
export async function smsEnabledAt(db: Queryable, userId: string): Promise<number | null> {
  const row = await db
    .selectFrom('sms_credential')
    .select('enabled_at')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.enabled_at ?? null;
}

/** False when it was on already. */
export async function insertSmsCredential(tx: Transaction, userId: string, at: number): Promise<boolean> {
  const row = await tx
    .insertInto('sms_credential')
    .values({ user_id: userId, enabled_at: at })
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** False when it was not on. */
export async function deleteSmsCredential(tx: Transaction, userId: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('sms_credential')
    .where('user_id', '=', userId)
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}
