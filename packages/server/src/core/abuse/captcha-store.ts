import { sql } from 'kysely';
import { type Database, deleteInBatches, type Queryable } from '../../storage/index.ts';

/**
 * Uses a solution up: of any number of parallel callers, on any number of nodes, exactly one is told yes. The row
 * is there to be in the way of the second, so it is kept until the solution would be too old anyway.
 */
export async function spendSolution(
  db: Queryable,
  { hash, expiresAt }: { hash: string; expiresAt: number },
): Promise<boolean> {
  const row = await db
    .insertInto('captcha_solution')
    .values({ hash, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .returning('hash')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteExpiredSolutions(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'captcha_solution', key: 'hash', where: sql`expires_at <= ${now}` });
}
