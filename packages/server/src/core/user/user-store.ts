import type { Queryable, Transaction } from '../../storage/index.ts';

/**
 * `suspended`: by an operator. `disabled`: by its owner, until the next sign-in. `leaving`: its owner asked for
 * its deletion, which the next sign-in undoes.
 */
export type UserStatus = 'active' | 'suspended' | 'disabled' | 'leaving';

export interface User {
  id: string;
  projectId: string;
  status: UserStatus;
  suspendedReason: string | null;
  suspendedUntil: number | null;
  createdAt: number;
  /** Null for an account without a password. */
  passwordChangedAt: number | null;
  lastSeenAt: number | null;
  /** Ids of the second factors that are enrolled. */
  factors: readonly string[];
}

export async function insertUser(
  tx: Transaction,
  user: { id: string; projectId: string; createdAt: number },
): Promise<void> {
  await tx
    .insertInto('user')
    .values({
      id: user.id,
      project_id: user.projectId,
      status: 'active',
      suspended_reason: null,
      suspended_until: null,
      created_at: user.createdAt,
      password_changed_at: null,
      last_seen_at: null,
      factors: '',
      delete_at: null,
    })
    .execute();
}

export async function findUser(db: Queryable, projectId: string, id: string): Promise<User | null> {
  const row = await db
    .selectFrom('user')
    .selectAll()
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    projectId: row.project_id,
    status: row.status,
    suspendedReason: row.suspended_reason,
    suspendedUntil: row.suspended_until,
    createdAt: row.created_at,
    passwordChangedAt: row.password_changed_at,
    lastSeenAt: row.last_seen_at,
    factors: factorsFrom(row.factors),
  };
}

/** Sets the status; false when there is no such user in the project. */
export async function setUserStatus(
  tx: Transaction,
  change: { projectId: string; id: string; status: UserStatus; reason: string | null },
): Promise<boolean> {
  const row = await tx
    .updateTable('user')
    .set({ status: change.status, suspended_reason: change.reason, suspended_until: null })
    .where('id', '=', change.id)
    .where('project_id', '=', change.projectId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function markPasswordChanged(tx: Transaction, userId: string, at: number): Promise<void> {
  await tx.updateTable('user').set({ password_changed_at: at }).where('id', '=', userId).execute();
}

export async function markSeen(tx: Transaction, userId: string, at: number): Promise<void> {
  await tx.updateTable('user').set({ last_seen_at: at }).where('id', '=', userId).execute();
}

/** The list as it stands in a row. */
export function factorsFrom(column: string): string[] {
  return column === '' ? [] : column.split(',');
}

export async function setUserFactors(
  tx: Transaction,
  userId: string,
  factors: readonly string[],
): Promise<void> {
  await tx
    .updateTable('user')
    .set({ factors: factors.join(',') })
    .where('id', '=', userId)
    .execute();
}
