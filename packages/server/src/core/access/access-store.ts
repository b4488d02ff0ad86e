import type { Queryable, Transaction } from '../../storage/index.ts';
import type { AdminRow } from './is-allowed.ts';

/** Read at every request, so that what was taken away is gone at the next. */
export async function adminRowsOf(db: Queryable, projectId: string, userId: string): Promise<AdminRow[]> {
  return await db
    .selectFrom('admin_row')
    .select(['section', 'action'])
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .execute();
}

export async function administratorsExist(db: Queryable, projectId: string): Promise<boolean> {
  const row = await db
    .selectFrom('admin_row')
    .select('user_id')
    .where('project_id', '=', projectId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Everything: one row of two stars. */
export async function grantAdministration(tx: Transaction, projectId: string, userId: string): Promise<void> {
  await tx
    .insertInto('admin_row')
    .values({ project_id: projectId, user_id: userId, section: '*', action: '*' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
