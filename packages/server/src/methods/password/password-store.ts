import { consumed, type Queryable, type Transaction } from '../../storage/index.ts';

export async function findPasswordHash(db: Queryable, userId: string): Promise<string | null> {
  const row = await db
    .selectFrom('password_credential')
    .select('hash')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.hash ?? null;
}

export async function savePasswordHash(
  tx: Transaction,
  credential: { userId: string; hash: string; at: number },
): Promise<void> {
  const { userId, hash, at } = credential;
  await tx
    .insertInto('password_credential')
    .values({ user_id: userId, hash, changed_at: at })
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ hash, changed_at: at }))
    .execute();
}

/**
 * Whether the hash that a password was proved against is still the user's, storing a stronger one of the same
 * password on the way. The update also holds the row, so that a change of password waits until this sign-in is
 * done, and then ends its session too.
 */
export async function confirmPasswordHash(
  tx: Transaction,
  proof: { userId: string; proved: string; stronger: string | null },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('password_credential')
      .set({ hash: proof.stronger ?? proof.proved })
      .where('user_id', '=', proof.userId)
      .where('hash', '=', proof.proved),
  );
}

/** Gives a user a first password; false when there is one. */
export async function insertPasswordHash(
  tx: Transaction,
  credential: { userId: string; hash: string; at: number },
): Promise<boolean> {
  const row = await tx
    .insertInto('password_credential')
    .values({ user_id: credential.userId, hash: credential.hash, changed_at: credential.at })
    .onConflict((conflict) => conflict.column('user_id').doNothing())
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}
