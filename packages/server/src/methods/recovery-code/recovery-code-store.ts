import { consumed, type Queryable, type Transaction } from '../../storage/index.ts';

interface StoredCode {
  sealed: string;
  isConsumed: boolean;
}

export async function listCodes(db: Queryable, userId: string): Promise<StoredCode[]> {
  const rows = await db
    .selectFrom('recovery_code')
    .select(['sealed', 'consumed_at'])
    .where('user_id', '=', userId)
    .orderBy('position')
    .execute();
  return rows.map((row) => ({ sealed: row.sealed, isConsumed: row.consumed_at !== null }));
}

/**
 * Puts a whole set in the place of another. One statement that takes the rows in their order: of two at once the
 * later wins with all of its codes, and neither fails.
 */
export async function replaceCodes(
  tx: Transaction,
  userId: string,
  sealed: readonly string[],
): Promise<void> {
  await tx
    .insertInto('recovery_code')
    .values(sealed.map((one, position) => ({ user_id: userId, position, sealed: one, consumed_at: null })))
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'position'])
        .doUpdateSet(({ ref }) => ({ sealed: ref('excluded.sealed'), consumed_at: null })),
    )
    .execute();
}

/** Spends one: exactly one caller is told yes. No for a code of a set that has been replaced since. */
export async function useCode(
  tx: Transaction,
  { userId, sealed, at }: { userId: string; sealed: string; at: number },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('recovery_code')
      .set({ consumed_at: at })
      .where('user_id', '=', userId)
      .where('sealed', '=', sealed)
      .where('consumed_at', 'is', null),
  );
}

export async function deleteCodes(tx: Transaction, userId: string): Promise<void> {
  await tx.deleteFrom('recovery_code').where('user_id', '=', userId).execute();
}
