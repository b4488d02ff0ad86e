import { consumed, prepared, type Queryable, type Transaction } from '../../storage/index.ts';

export interface IdentityKey {
  projectId: string;
  issuer: string;
  subject: string;
}

const find = prepared(
  (db, { projectId, issuer, subject }: { projectId: string; issuer: string; subject: string }) =>
    db
      .selectFrom('external_identity')
      .select('user_id')
      .where('project_id', '=', projectId)
      .where('issuer', '=', issuer)
      .where('subject', '=', subject),
);

/** Which user a provider's person is; null for one who has not come before. */
export async function findIdentityOwner(
  db: Queryable,
  { projectId, issuer, subject }: IdentityKey,
): Promise<string | null> {
  return (await find(db, { projectId, issuer, subject })).rows[0]?.user_id ?? null;
}

/** False when the person is somebody's already. */
export async function insertIdentity(
  tx: Transaction,
  identity: IdentityKey & { userId: string; at: number },
): Promise<boolean> {
  const row = await tx
    .insertInto('external_identity')
    .values({
      project_id: identity.projectId,
      issuer: identity.issuer,
      subject: identity.subject,
      user_id: identity.userId,
      created_at: identity.at,
      last_used_at: identity.at,
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'issuer', 'subject']).doNothing())
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether the person still is this user; holds the row, so that whoever takes it away waits for the sign-in. */
export async function noteIdentityUse(
  tx: Transaction,
  { projectId, issuer, subject, userId, at }: IdentityKey & { userId: string; at: number },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('external_identity')
      .set({ last_used_at: at })
      .where('project_id', '=', projectId)
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .where('user_id', '=', userId),
  );
}

export interface Identity {
  issuer: string;
  subject: string;
  createdAt: number;
  lastUsedAt: number;
}

/** Who the user is at others, the oldest first. */
export async function listIdentitiesOf(db: Queryable, userId: string): Promise<Identity[]> {
  const rows = await db
    .selectFrom('external_identity')
    .select(['issuer', 'subject', 'created_at', 'last_used_at'])
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('issuer')
    .limit(100)
    .execute();
  return rows.map((row) => ({
    issuer: row.issuer,
    subject: row.subject,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }));
}

export async function deleteIdentitiesOf(tx: Transaction, userId: string): Promise<void> {
  await tx.deleteFrom('external_identity').where('user_id', '=', userId).execute();
}
