import type { UpdateResult } from 'kysely';

/**
 * Whether a conditional update changed its row: the one way to spend what must be spent once (design rule 5).
 * The condition belongs in the statement (`where consumed_at is null`), so that of any number of parallel
 * callers, on any number of nodes, exactly one is told yes.
 */
export async function consumed(update: { executeTakeFirst(): Promise<UpdateResult> }): Promise<boolean> {
  const { numUpdatedRows } = await update.executeTakeFirst();
  return numUpdatedRows > 0n;
}
