import type { Transaction } from '../../storage/index.ts';
import type { Surface } from '../surface.ts';
import { type Ended, holdSessions } from './session-store.ts';

/** Ends one session of a project, whoever's it is, and of one surface where that is named; null when there is none. */
export async function deleteSessionIn(
  tx: Transaction,
  { projectId, id, surface }: { projectId: string; id: string; surface?: Surface | undefined },
): Promise<(Ended & { user_id: string }) | null> {
  let statement = tx.deleteFrom('session').where('id', '=', id).where('project_id', '=', projectId);
  if (surface) statement = statement.where('surface', '=', surface);
  const row = await statement.returning(['id', 'project_id', 'token_hash', 'user_id']).executeTakeFirst();
  return row ?? null;
}

/** Ends what these users had by a moment. */
export async function deleteSessionsMadeBy(
  tx: Transaction,
  { userIds, at }: { userIds: readonly string[]; at: number },
): Promise<(Ended & { user_id: string })[]> {
  await holdSessions(tx, userIds);
  return await tx
    .deleteFrom('session')
    .where('user_id', 'in', [...userIds, ''])
    .where('created_at', '<=', at)
    .returning(['id', 'project_id', 'token_hash', 'user_id'])
    .execute();
}
