import { sql } from 'kysely';
import { consumed, prepared, type Queryable, type Transaction } from '../../storage/index.ts';

const findHash = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('password_credential').select('hash').where('user_id', '=', userId),
);

export async function findPasswordHash(db: Queryable, userId: string): Promise<string | null> {
  const [row] = (await findHash(db, { userId })).rows;
  return row?.hash ?? null;
}

const findByIdentifier = prepared((db, { projectId, normal }: { projectId: string; normal: string }) =>
  db
    .selectFrom('contact')
    .leftJoin('password_credential', 'password_credential.user_id', 'contact.user_id')
    .select(['contact.user_id', 'contact.kind', 'password_credential.hash'])
    .where('contact.project_id', '=', projectId)
    .where('contact.address_normal', '=', normal)
    // Written out, so that the planner sees that the index of identifiers will do.
    .where('contact.kind', 'in', [sql.lit('email' as const), sql.lit('login-name' as const)]),
);

/** Whose e-mail address or login name it is, and the hash of that user's password if there is one. */
export async function findPasswordHashByIdentifier(
  db: Queryable,
  identifier: { projectId: string; normal: string },
): Promise<{ userId: string; isLoginName: boolean; hash: string | null } | null> {
  const [row] = (await findByIdentifier(db, identifier)).rows;
  return row ? { userId: row.user_id, isLoginName: row.kind === 'login-name', hash: row.hash } : null;
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

const replaceHash = prepared(
  (db, { userId, proved, next }: { userId: string; proved: string; next: string }) =>
    db
      .updateTable('password_credential')
      .set({ hash: next })
      .where('user_id', '=', userId)
      .where('hash', '=', proved),
);

/**
 * Whether the hash that a password was proved against is still the user's, storing a stronger one of the same
 * password on the way. The update also holds the row, so that a change of password waits until this sign-in is
 * done, and then ends its session too.
 */
export async function confirmPasswordHash(
  tx: Transaction,
  proof: { userId: string; proved: string; stronger: string | null },
): Promise<boolean> {
  const { userId, proved, stronger } = proof;
  return await consumed(replaceHash(tx, { userId, proved, next: stronger ?? proved }));
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

export async function holdPasswordHash(tx: Transaction, userId: string): Promise<void> {
  await tx
    .selectFrom('password_credential')
    .select('user_id')
    .where('user_id', '=', userId)
    .forUpdate()
    .execute();
}

export async function deletePasswordHash(tx: Transaction, userId: string): Promise<void> {
  await tx.deleteFrom('password_credential').where('user_id', '=', userId).execute();
}
