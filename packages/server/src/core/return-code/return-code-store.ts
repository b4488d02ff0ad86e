import { sql } from 'kysely';
import { type Database, deleteInBatches, type Queryable } from '../../storage/index.ts';

export interface StoredReturnCode {
  hash: string;
  projectId: string;
  sessionId: string;
  redirectUrl: string;
  codeChallenge: string;
  expiresAt: number;
}

export async function insertReturnCode(db: Queryable, code: StoredReturnCode): Promise<void> {
  await db
    .insertInto('return_code')
    .values({
      hash: code.hash,
      project_id: code.projectId,
      session_id: code.sessionId,
      redirect_url: code.redirectUrl,
      code_challenge: code.codeChallenge,
      expires_at: code.expiresAt,
      consumed_at: null,
    })
    .execute();
}

/** Spends it: of any number of parallel callers exactly one is told what it stands for. */
export async function spendReturnCode(
  db: Database,
  { hash, projectId, now }: { hash: string; projectId: string; now: number },
): Promise<Pick<StoredReturnCode, 'sessionId' | 'redirectUrl' | 'codeChallenge'> | null> {
  const row = await db
    .updateTable('return_code')
    .set({ consumed_at: now })
    .where('hash', '=', hash)
    .where('project_id', '=', projectId)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['session_id', 'redirect_url', 'code_challenge'])
    .executeTakeFirst();
  if (!row) return null;
  return { sessionId: row.session_id, redirectUrl: row.redirect_url, codeChallenge: row.code_challenge };
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredReturnCodes(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'return_code', key: 'hash', where: sql`expires_at <= ${now}` });
}
