import type { Queryable, Transaction } from '../../storage/index.ts';

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

/** Stores a stronger hash of the same password, unless the password was changed meanwhile. */
export async function upgradePasswordHash(
  tx: Transaction,
  upgrade: { userId: string; from: string; to: string },
): Promise<void> {
  await tx
    .updateTable('password_credential')
    .set({ hash: upgrade.to })
    .where('user_id', '=', upgrade.userId)
    .where('hash', '=', upgrade.from)
    .execute();
}
