import { sql } from 'kysely';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Queryable,
  type Tables,
  type Transaction,
} from '../../storage/index.ts';

export interface StoredChallenge {
  hash: string;
  sessionId: string;
  factor: 'totp' | 'sms-code';
  isSetUp: boolean;
  phone: string | null;
  createdAt: number;
  expiresAt: number;
}

export async function insertChallenge(db: Queryable, challenge: StoredChallenge): Promise<void> {
  await db
    .insertInto('factor_challenge')
    .values({
      hash: challenge.hash,
      session_id: challenge.sessionId,
      factor: challenge.factor,
      is_set_up: challenge.isSetUp ? 1 : 0,
      phone: challenge.phone,
      attempts: 0,
      created_at: challenge.createdAt,
      expires_at: challenge.expiresAt,
      consumed_at: null,
    })
    .execute();
}

/** An open one of this session; null for every other. */
export async function findChallenge(
  db: Queryable,
  asked: { hash: string; sessionId: string; now: number },
): Promise<StoredChallenge | null> {
  const row = await db
    .selectFrom('factor_challenge')
    .selectAll()
    .where('hash', '=', asked.hash)
    .where('session_id', '=', asked.sessionId)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', asked.now)
    .executeTakeFirst();
  return row ? challengeFrom(row) : null;
}

/** The number that a session is setting up, by its newest open challenge; null when it is setting up none. */
export async function findPhoneBeingSetUp(
  db: Queryable,
  asked: { sessionId: string; now: number },
): Promise<{ phone: string; createdAt: number } | null> {
  const row = await db
    .selectFrom('factor_challenge')
    .select(['phone', 'created_at'])
    .where('session_id', '=', asked.sessionId)
    .where('phone', 'is not', null)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', asked.now)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  return row?.phone == null ? null : { phone: row.phone, createdAt: row.created_at };
}

/** Commits one try, or says no when they are used up. */
export async function spendChallengeTry(
  db: Queryable,
  { hash, limit, now }: { hash: string; limit: number; now: number },
): Promise<boolean> {
  return await consumed(
    db
      .updateTable('factor_challenge')
      .set({ attempts: sql<number>`attempts + 1` })
      .where('hash', '=', hash)
      .where('attempts', '<', limit)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now),
  );
}

/** A try that was never judged. */
export async function returnChallengeTry(db: Queryable, hash: string): Promise<void> {
  await db
    .updateTable('factor_challenge')
    .set({ attempts: sql<number>`attempts - 1` })
    .where('hash', '=', hash)
    .where('attempts', '>', 0)
    .execute();
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendChallenge(
  tx: Transaction,
  { hash, now }: { hash: string; now: number },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('factor_challenge')
      .set({ consumed_at: now })
      .where('hash', '=', hash)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now),
  );
}

/** What a session was setting up, it sets up no more. */
export async function voidSetUps(
  tx: Transaction,
  of: { sessionId: string; factor: StoredChallenge['factor'] },
): Promise<void> {
  await tx
    .deleteFrom('factor_challenge')
    .where('session_id', '=', of.sessionId)
    .where('factor', '=', of.factor)
    .where('is_set_up', '=', 1)
    .execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredChallenges(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'factor_challenge', key: 'hash', where: sql`expires_at <= ${now}` });
}

function challengeFrom(row: Tables['factor_challenge']): StoredChallenge {
  return {
    hash: row.hash,
    sessionId: row.session_id,
    factor: row.factor,
    isSetUp: row.is_set_up === 1,
    phone: row.phone,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
