import type { QueryResult, UpdateResult } from 'kysely';

/**
 * Whether a conditional update changed its row: the one way to spend what must be spent once (design rule 5).
 * The condition belongs in the statement (`where consumed_at is null`), so that of any number of parallel
 * callers, on any number of nodes, exactly one is told yes.
 */
export async function consumed(
  update: { executeTakeFirst(): Promise<UpdateResult> } | Promise<QueryResult<UpdateResult>>,
): Promise<boolean> {
  if ('executeTakeFirst' in update) return (await update.executeTakeFirst()).numUpdatedRows > 0n;
  const { numAffectedRows = 0n } = await update;
  return numAffectedRows > 0n;
}
