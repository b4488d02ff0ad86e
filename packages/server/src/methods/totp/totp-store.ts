import { consumed, type Queryable, type Transaction } from '../../storage/index.ts';

interface Credential {
  sealed: string;
  isConfirmed: boolean;
  createdAt: number;
}

export async function findTotp(db: Queryable, userId: string): Promise<Credential | null> {
  const row = await db
    .selectFrom('totp_credential')
    .select(['sealed', 'confirmed_at', 'created_at'])
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row
    ? { sealed: row.sealed, isConfirmed: row.confirmed_at !== null, createdAt: row.created_at }
    : null;
}

/** Keeps a secret that nothing has been shown of yet; false where there is a confirmed one. */
export async function saveUnconfirmed(
  tx: Transaction,
  { userId, sealed, at }: { userId: string; sealed: string; at: number },
): Promise<boolean> {
  const secret = { sealed, last_used_step: 0, confirmed_at: null, created_at: at };
  return await put(tx, userId, secret);
}

/** Turns a secret on whose code of `step` was right; false where there is a confirmed one already. */
export async function saveConfirmed(
  tx: Transaction,
  { userId, sealed, step, at }: { userId: string; sealed: string; step: number; at: number },
): Promise<boolean> {
  return await put(tx, userId, { sealed, last_used_step: step, confirmed_at: at, created_at: at });
}

async function put(
  tx: Transaction,
  userId: string,
  secret: { sealed: string; last_used_step: number; confirmed_at: number | null; created_at: number },
): Promise<boolean> {
  const row = await tx
    .insertInto('totp_credential')
    .values({ user_id: userId, ...secret })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet(secret).where('totp_credential.confirmed_at', 'is', null),
    )
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Uses a step up, and all before it: of any number of parallel callers, on any number of nodes, exactly one is
 * told yes. No for a secret that has been replaced since the code was compared with it.
 */
export async function useStep(
  tx: Transaction,
  { userId, sealed, step }: { userId: string; sealed: string; step: number },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('totp_credential')
      .set({ last_used_step: step })
      .where('user_id', '=', userId)
      .where('sealed', '=', sealed)
      .where('confirmed_at', 'is not', null)
      .where('last_used_step', '<', step),
  );
}

/** Whether what went was on. */
export async function deleteTotp(tx: Transaction, userId: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('totp_credential')
    .where('user_id', '=', userId)
    .returning('confirmed_at')
    .executeTakeFirst();
  return row !== undefined && row.confirmed_at !== null;
}
