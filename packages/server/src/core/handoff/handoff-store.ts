import { sql } from 'kysely';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Queryable,
  type Transaction,
} from '../../storage/index.ts';
import type { Origin } from '../origin.ts';
import type { HandoffState } from './migrations.ts';

export interface StoredHandoff {
  projectId: string;
  state: HandoffState;
  /** Where the app is that began it. */
  origin: Origin;
  expiresAt: number;
  userId: string | null;
  sealedToken: string | null;
}

/** False when the code is in use already. */
export async function insertHandoff(
  db: Queryable,
  handoff: { codeHash: string; projectId: string; origin: Origin; at: number; expiresAt: number },
): Promise<boolean> {
  const { origin } = handoff;
  const row = await db
    .insertInto('handoff')
    .values({
      code_hash: handoff.codeHash,
      project_id: handoff.projectId,
      state: 'pending',
      address: origin.address,
      source: origin.source,
      network: origin.network,
      user_agent: origin.userAgent,
      is_desktop: origin.isDesktop ? 1 : 0,
      created_at: handoff.at,
      expires_at: handoff.expiresAt,
      user_id: null,
      session_id: null,
      sealed_token: null,
    })
    .onConflict((conflict) => conflict.column('code_hash').doNothing())
    .returning('code_hash')
    .executeTakeFirst();
  return row !== undefined;
}

export async function findHandoff(db: Queryable, codeHash: string): Promise<StoredHandoff | null> {
  const row = await db.selectFrom('handoff').selectAll().where('code_hash', '=', codeHash).executeTakeFirst();
  if (!row) return null;
  return {
    projectId: row.project_id,
    state: row.state,
    origin: {
      address: row.address,
      source: row.source,
      network: row.network,
      userAgent: row.user_agent,
      isDesktop: row.is_desktop === 1,
    },
    expiresAt: row.expires_at,
    userId: row.user_id,
    sealedToken: row.sealed_token,
  };
}

/** Spends the code: of any number of parallel callers exactly one is told yes. */
export async function claimHandoff(
  tx: Transaction,
  claim: { codeHash: string; userId: string; now: number },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('handoff')
      .set({ state: 'completed', user_id: claim.userId })
      .where('code_hash', '=', claim.codeHash)
      .where('state', '=', 'pending')
      .where('expires_at', '>', claim.now),
  );
}

/** Puts the session beside the code that was just claimed in the same transaction. */
export async function keepResult(
  tx: Transaction,
  result: { codeHash: string; sessionId: string; sealedToken: string },
): Promise<void> {
  await tx
    .updateTable('handoff')
    .set({ session_id: result.sessionId, sealed_token: result.sealedToken })
    .where('code_hash', '=', result.codeHash)
    .execute();
}

/** Takes the token away for good: whoever is told yes may show what was read of it before. */
export async function takeResult(tx: Transaction, codeHash: string, now: number): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('handoff')
      .set({ state: 'fetched', sealed_token: null })
      .where('code_hash', '=', codeHash)
      .where('state', '=', 'completed')
      .where('expires_at', '>', now),
  );
}

/** A session that nobody has fetched, and nobody will. */
interface Unfetched {
  projectId: string;
  userId: string;
  sessionId: string;
}

/** Ends a code that is not ended yet; returns the session that waited under it, if one did. */
export async function cancelHandoff(tx: Transaction, codeHash: string): Promise<Unfetched | null> {
  const row = await tx
    .updateTable('handoff')
    .set({ state: 'cancelled', sealed_token: null })
    .where('code_hash', '=', codeHash)
    .where('state', 'in', ['pending', 'completed'])
    .returning(['project_id', 'user_id', 'session_id'])
    .executeTakeFirst();
  return unfetchedFrom(row);
}

/**
 * Ends what is out of time with a session still waiting, and returns those sessions by id. What somebody else is ending
 * is left to them: several ask for all of it at once.
 */
export async function expireResults(tx: Transaction, now: number): Promise<Unfetched[]> {
  const rows = await tx
    .updateTable('handoff')
    .set({ state: 'expired', sealed_token: null })
    .where('code_hash', 'in', (eb) =>
      eb
        .selectFrom('handoff')
        .select('code_hash')
        .where('state', '=', 'completed')
        .where('expires_at', '<=', now)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['project_id', 'user_id', 'session_id'])
    .execute();
  return rows.flatMap((row) => unfetchedFrom(row) ?? []).sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
}

function unfetchedFrom(
  row: { project_id: string; user_id: string | null; session_id: string | null } | undefined,
): Unfetched | null {
  if (row?.user_id == null || row.session_id === null) return null;
  return { projectId: row.project_id, userId: row.user_id, sessionId: row.session_id };
}

/** Whether any session waits that is out of time: one look at the index, so that asking costs next to nothing. */
export async function hasExpiredResults(db: Queryable, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('handoff')
    .select('code_hash')
    .where('state', '=', 'completed')
    .where('expires_at', '<=', now)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Holds a user's codes until the transaction ends, in one order. */
export async function holdHandoffs(tx: Transaction, userId: string): Promise<void> {
  await tx
    .selectFrom('handoff')
    .select('code_hash')
    .where('user_id', '=', userId)
    .orderBy('code_hash')
    .forUpdate()
    .execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteHandoffs(db: Database, expiredBefore: number): Promise<void> {
  await deleteInBatches(db, {
    from: 'handoff',
    key: 'code_hash',
    where: sql`expires_at <= ${expiredBefore}`,
  });
}
