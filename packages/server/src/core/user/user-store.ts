import { sql } from 'kysely';
import { consumed, type Database, prepared, type Queryable, type Transaction } from '../../storage/index.ts';
import { PROFILE_COLUMNS, type Profile, profileFrom } from '../profile/index.ts';
import { SUSPICION_LEFT } from './suspicion.ts';

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
  /** When a leaving user is deleted; null for all others. */
  deleteAt: number | null;
  /** Null for an account without a password. */
  passwordChangedAt: number | null;
  lastSeenAt: number | null;
  /** Ids of the second factors that are enrolled. */
  factors: readonly string[];
  /** Bits of what a suspected account must do first; 0 for all others. */
  suspicion: number;
  /** Must show a second factor, whatever is asked of others (FX-45). */
  isFactorDemanded: boolean;
  /** The primary address; null for an account that has none. */
  email: { address: string; verified: boolean } | null;
  profile: Profile;
}

export async function insertUser(
  tx: Transaction,
  user: { id: string; projectId: string; createdAt: number },
): Promise<void> {
  // An id names one person for ever: what others remember of a deleted one must not pass to a stranger (bug 80).
  const former = await tx.selectFrom('former_user').select('id').where('id', '=', user.id).executeTakeFirst();
  if (former) throw new Error('This id was given to somebody before.');
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
      suspicion: 0,
      mfa_required: 0,
      delete_at: null,
    })
    .execute();
}

const find = prepared((db, { projectId, id }: { projectId: string; id: string }) =>
  db
    .selectFrom('user')
    .innerJoin('profile', 'profile.user_id', 'user.id')
    .leftJoin('contact', (join) =>
      join
        .onRef('contact.user_id', '=', 'user.id')
        .on('contact.is_primary', '=', 1)
        .on('contact.kind', '=', 'email'),
    )
    .selectAll('user')
    .select(PROFILE_COLUMNS)
    .select(['contact.address', 'contact.verified_at'])
    .where('user.id', '=', id)
    .where('user.project_id', '=', projectId),
);

/** A user with all that a sign-in asks of one, in a single look. */
export async function findUser(db: Queryable, projectId: string, id: string): Promise<User | null> {
  const [row] = (await find(db, { projectId, id })).rows;
  if (!row) return null;
  return {
    id: row.id,
    projectId: row.project_id,
    status: row.status,
    suspendedReason: row.suspended_reason,
    suspendedUntil: row.suspended_until,
    createdAt: row.created_at,
    deleteAt: row.delete_at,
    passwordChangedAt: row.password_changed_at,
    lastSeenAt: row.last_seen_at,
    factors: factorsFrom(row.factors),
    suspicion: row.suspicion,
    isFactorDemanded: row.mfa_required === 1,
    email: row.address === null ? null : { address: row.address, verified: row.verified_at !== null },
    profile: profileFrom(row),
  };
}

/** Sets the status; false when there is no such user in the project. */
export async function setUserStatus(
  tx: Transaction,
  change: { projectId: string; id: string; status: UserStatus; reason: string | null },
): Promise<boolean> {
  const row = await tx
    .updateTable('user')
    .set({
      status: change.status,
      suspended_reason: change.reason,
      suspended_until: null,
      delete_at: null,
    })
    .where('id', '=', change.id)
    .where('project_id', '=', change.projectId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Sets what a user must do first; false when there is no such user in the project. */
export async function setSuspicion(
  tx: Transaction,
  { projectId, id, suspicion }: { projectId: string; id: string; suspicion: number },
): Promise<boolean> {
  const row = await tx
    .updateTable('user')
    .set({ suspicion })
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether this user must show a second factor; false when there is no such user in the project. */
export async function setFactorDemanded(
  tx: Transaction,
  { projectId, id, isDemanded }: { projectId: string; id: string; isDemanded: boolean },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('user')
      .set({ mfa_required: isDemanded ? 1 : 0 })
      .where('id', '=', id)
      .where('project_id', '=', projectId),
  );
}

/**
 * Takes away what a proof settles (contract 5.5), in the proof's transaction; whoever proves tells the nodes that the
 * user has changed. Of everybody who is under no suspicion the row is left alone.
 */
export async function settleSuspicion(
  tx: Transaction,
  userId: string,
  proved: keyof typeof SUSPICION_LEFT,
): Promise<void> {
  await tx
    .updateTable('user')
    .set({ suspicion: sql<number>`suspicion & ${SUSPICION_LEFT[proved]}` })
    .where('id', '=', userId)
    .where('suspicion', '!=', 0)
    .execute();
}

/** Its owner's own doing: switched off, or to be deleted at `deleteAt`. False unless it is open now. */
export async function closeUser(
  tx: Transaction,
  change: { id: string } & ({ status: 'disabled'; deleteAt: null } | { status: 'leaving'; deleteAt: number }),
): Promise<boolean> {
  const row = await tx
    .updateTable('user')
    .set({ status: change.status, delete_at: change.deleteAt })
    .where('id', '=', change.id)
    .where('status', '=', 'active')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Undoes `closeUser`, in the transaction of the sign-in that undoes it. False for everybody else, and for whom the
 * time of grace is over: that account is as good as deleted, whether or not anybody has cleaned up yet.
 */
export async function reopenUser(tx: Transaction, id: string, now: number): Promise<boolean> {
  const row = await tx
    .updateTable('user')
    .set({ status: 'active', delete_at: null })
    .where('id', '=', id)
    .where(({ or, eb }) =>
      or([eb('status', '=', 'disabled'), eb('status', '=', 'leaving').and('delete_at', '>', now)]),
    )
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Some of those whose time of grace is over. */
export async function listOverdueUsers(
  db: Database,
  now: number,
): Promise<{ id: string; projectId: string }[]> {
  const rows = await db
    .selectFrom('user')
    .select(['id', 'project_id'])
    .where('delete_at', '<=', now)
    .where('status', '=', 'leaving')
    .limit(100)
    .execute();
  return rows.map((row) => ({ id: row.id, projectId: row.project_id }));
}

/** Deletes a user whose time of grace is over, with every row that hangs on it; nothing but the id stays. */
export async function deleteOverdueUser(tx: Transaction, id: string, now: number): Promise<boolean> {
  const row = await tx
    .deleteFrom('user')
    .where('id', '=', id)
    .where('status', '=', 'leaving')
    .where('delete_at', '<=', now)
    .returning('id')
    .executeTakeFirst();
  if (row) await tx.insertInto('former_user').values({ id, deleted_at: now }).execute();
  return row !== undefined;
}

/** Deletes a user with every row that hangs on it; nothing but the id stays. False when there is none in the project. */
export async function deleteUser(
  tx: Transaction,
  { projectId, id, now }: { projectId: string; id: string; now: number },
): Promise<boolean> {
  const row = await tx
    .deleteFrom('user')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .returning('id')
    .executeTakeFirst();
  if (row) await tx.insertInto('former_user').values({ id, deleted_at: now }).execute();
  return row !== undefined;
}

/** `at`: null for a user who has none any more. */
export async function markPasswordChanged(tx: Transaction, userId: string, at: number | null): Promise<void> {
  await tx.updateTable('user').set({ password_changed_at: at }).where('id', '=', userId).execute();
}

const setLastSeen = prepared((db, { userId, at }: { userId: string; at: number }) =>
  db.updateTable('user').set({ last_seen_at: at }).where('id', '=', userId).where('status', '=', 'active'),
);

/** Notes a sign-in of an open account, and holds its row; false for any other. */
export async function markSeen(tx: Transaction, userId: string, at: number): Promise<boolean> {
  const { numAffectedRows } = await setLastSeen(tx, { userId, at });
  return (numAffectedRows ?? 0n) > 0n;
}

/** Opens an account whose suspension is over by now; false for any other. */
export async function liftSuspension(tx: Transaction, id: string, now: number): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('user')
      .set({ status: 'active', suspended_reason: null, suspended_until: null })
      .where('id', '=', id)
      .where('status', '=', 'suspended')
      .where('suspended_until', '<=', now),
  );
}

/**
 * Holds a user's row until the transaction ends, so that of two changes to what the user proves with the second sees
 * all of the first. Returns the second factors.
 */
export async function holdUser(tx: Transaction, userId: string): Promise<string[]> {
  const row = await tx
    .updateTable('user')
    .set((expression) => ({ factors: expression.ref('factors') }))
    .where('id', '=', userId)
    .returning('factors')
    .executeTakeFirst();
  return factorsFrom(row?.factors ?? '');
}

/**
 * Whether there is such a user, who is not deleted then before the transaction ends. For whoever writes down something
 * of somebody without holding them.
 */
export async function keepUser(tx: Transaction, userId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('user')
    .select('id')
    .where('id', '=', userId)
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
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
