import type { Transaction } from '../../storage/index.ts';
import { type Ended, holdSessions } from './session-store.ts';

/** Ends one session of a project, whoever's it is; null when there is none. */
export async function deleteSessionIn(
  tx: Transaction,
  { projectId, id }: { projectId: string; id: string },
): Promise<(Ended & { user_id: string }) | null> {
  const row = await tx
    .deleteFrom('session')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .returning(['id', 'project_id', 'token_hash', 'user_id'])
    .executeTakeFirst();
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
