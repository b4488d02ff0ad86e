import { sql } from 'kysely';
import { type Database, deleteInBatches, type Queryable, type Tables } from '../../storage/index.ts';
import type { ProviderId } from '../project/index.ts';

export interface StoredAttempt {
  hash: string;
  projectId: string;
  provider: ProviderId;
  browserHash: string;
  secrets: string;
  redirectUrl: string;
  clientState: string | null;
  codeChallenge: string;
  expiresAt: number;
}

/** What a browser brings back must fit in all of it. */
export interface Presented {
  hash: string;
  provider: ProviderId;
  browserHash: string;
  now: number;
}

function attemptFrom(row: Tables['social_attempt']): StoredAttempt {
  return {
    hash: row.hash,
    projectId: row.project_id,
    provider: row.provider,
    browserHash: row.browser_hash,
    secrets: row.secrets,
    redirectUrl: row.redirect_url,
    clientState: row.client_state,
    codeChallenge: row.code_challenge,
    expiresAt: row.expires_at,
  };
}

export async function insertAttempt(db: Queryable, attempt: StoredAttempt): Promise<void> {
  await db
    .insertInto('social_attempt')
    .values({
      hash: attempt.hash,
      project_id: attempt.projectId,
      provider: attempt.provider,
      browser_hash: attempt.browserHash,
      secrets: attempt.secrets,
      redirect_url: attempt.redirectUrl,
      client_state: attempt.clientState,
      code_challenge: attempt.codeChallenge,
      expires_at: attempt.expiresAt,
      consumed_at: null,
    })
    .execute();
}

/** An attempt that is still to be spent; null for any other. Changes nothing. */
export async function findAttempt(db: Queryable, presented: Presented): Promise<StoredAttempt | null> {
  const row = await db
    .selectFrom('social_attempt')
    .selectAll()
    .where('hash', '=', presented.hash)
    .where('provider', '=', presented.provider)
    .where('browser_hash', '=', presented.browserHash)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', presented.now)
    .executeTakeFirst();
  return row ? attemptFrom(row) : null;
}

/** Spends it: of any number of parallel callers exactly one is given it. */
export async function spendAttempt(
  db: Database,
  presented: Presented & { projectId: string },
): Promise<StoredAttempt | null> {
  const row = await db
    .updateTable('social_attempt')
    .set({ consumed_at: presented.now })
    .where('hash', '=', presented.hash)
    .where('project_id', '=', presented.projectId)
    .where('provider', '=', presented.provider)
    .where('browser_hash', '=', presented.browserHash)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', presented.now)
    .returningAll()
    .executeTakeFirst();
  return row ? attemptFrom(row) : null;
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredSocialAttempts(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'social_attempt', key: 'hash', where: sql`expires_at <= ${now}` });
}
