import { sql } from 'kysely';
import { type Chance, MINUTE } from '../../chance.ts';
import type { Attempt, Rejection } from '../../core/sign-in/index.ts';
import { tokenHash } from '../../crypto/index.ts';
import { consumed, type Database, deleteInBatches, type Queryable } from '../../storage/index.ts';

export type ChallengePurpose = Attempt['purpose'] | 'registration';

/** What a challenge is made for; it is good for nothing else (WebAuthn 13.4.3). */
export interface ChallengeUse {
  projectId: string;
  purpose: ChallengePurpose;
  /** Null while nobody is known. */
  userId: string | null;
  binding: string | null;
}

/** 256 bits; WebAuthn 13.4.3 asks for 128. */
const BYTES = 32;
/** Contract appendix A. */
const LIFE_MS = 5 * MINUTE;

/** Makes a challenge, base64url, and stores its hash. */
export async function createChallenge(
  db: Queryable,
  { clock, random }: Chance,
  use: ChallengeUse,
): Promise<string> {
  const challenge = Buffer.from(random(BYTES)).toString('base64url');
  await db
    .insertInto('passkey_challenge')
    .values({
      hash: tokenHash(challenge),
      project_id: use.projectId,
      purpose: use.purpose,
      user_id: use.userId,
      binding: use.binding,
      expires_at: clock() + LIFE_MS,
      consumed_at: null,
    })
    .execute();
  return challenge;
}

/**
 * Spends a challenge: of any number of parallel callers one is told null, all others why not. Committed at once,
 * so that a challenge is gone however the answer to it is judged.
 */
export async function spendChallenge(
  db: Database,
  presented: ChallengeUse & { challenge: string; now: number },
): Promise<Rejection['reason'] | null> {
  const { projectId, purpose, userId, binding, now } = presented;
  const hash = tokenHash(presented.challenge);
  const isSpent = await consumed(
    db
      .updateTable('passkey_challenge')
      .set({ consumed_at: now })
      .where('hash', '=', hash)
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('user_id', userId === null ? 'is' : '=', userId)
      .where('binding', binding === null ? 'is' : '=', binding)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now),
  );
  if (isSpent) return null;
  const row = await db
    .selectFrom('passkey_challenge')
    .select(['consumed_at', 'expires_at'])
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (!row) return 'wrong';
  if (row.consumed_at !== null) return 'already-used';
  return row.expires_at <= now ? 'expired' : 'wrong';
}

export async function deleteChallengesOf(db: Queryable, userId: string): Promise<void> {
  await db.deleteFrom('passkey_challenge').where('user_id', '=', userId).execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredPasskeyChallenges(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'passkey_challenge', key: 'hash', where: sql`expires_at <= ${now}` });
}
