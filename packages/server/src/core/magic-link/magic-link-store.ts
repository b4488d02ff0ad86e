import { sql } from 'kysely';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Queryable,
  type Transaction,
} from '../../storage/index.ts';

export interface OpenMagicLink {
  address: string;
  tokenHash: string;
  codeHash: string;
}

interface NewMagicLink extends OpenMagicLink {
  attemptHash: string;
  projectId: string;
  expiresAt: number;
}

interface Presented {
  attemptHash: string;
  projectId: string;
  now: number;
}

export async function insertMagicLink(tx: Transaction, link: NewMagicLink): Promise<void> {
  await tx
    .insertInto('magic_link')
    .values({
      attempt_hash: link.attemptHash,
      project_id: link.projectId,
      address: link.address,
      token_hash: link.tokenHash,
      code_hash: link.codeHash,
      tries: 0,
      expires_at: link.expiresAt,
      consumed_at: null,
    })
    .execute();
}

/** From now on the attempt is of this spelling of its address. */
export async function respell(
  tx: Transaction,
  { attemptHash, address }: { attemptHash: string; address: string },
): Promise<void> {
  await tx.updateTable('magic_link').set({ address }).where('attempt_hash', '=', attemptHash).execute();
}

/** What an attempt waits for; null when it is unknown, foreign, spent, void or too old. Changes nothing. */
export async function findMagicLink(
  db: Queryable,
  { attemptHash, projectId, now, maxTries }: Presented & { maxTries: number },
): Promise<OpenMagicLink | null> {
  const row = await db
    .selectFrom('magic_link')
    .select(['address', 'token_hash', 'code_hash'])
    .where('attempt_hash', '=', attemptHash)
    .where('project_id', '=', projectId)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .where('tries', '<', maxTries)
    .executeTakeFirst();
  return row ? { address: row.address, tokenHash: row.token_hash, codeHash: row.code_hash } : null;
}

/** Counts one typed code, committed before it is looked at. Returns how many are left; null when there was none. */
export async function spendTry(
  db: Database,
  { attemptHash, projectId, now, maxTries }: Presented & { maxTries: number },
): Promise<number | null> {
  const row = await db
    .updateTable('magic_link')
    .set({ tries: sql<number>`tries + 1` })
    .where('attempt_hash', '=', attemptHash)
    .where('project_id', '=', projectId)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .where('tries', '<', maxTries)
    .returning('tries')
    .executeTakeFirst();
  return row ? maxTries - row.tries : null;
}

/** The code was right, so it was no try. */
export async function returnTry(db: Database, attemptHash: string): Promise<void> {
  await db
    .updateTable('magic_link')
    .set({ tries: sql<number>`tries - 1` })
    .where('attempt_hash', '=', attemptHash)
    .where('tries', '>', 0)
    .execute();
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendMagicLink(
  tx: Transaction,
  { attemptHash, projectId, now }: Presented,
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('magic_link')
      .set({ consumed_at: now })
      .where('attempt_hash', '=', attemptHash)
      .where('project_id', '=', projectId)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', now),
  );
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredMagicLinks(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'magic_link', key: 'attempt_hash', where: sql`expires_at <= ${now}` });
}
