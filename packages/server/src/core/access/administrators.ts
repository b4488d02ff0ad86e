import type { Transaction } from '../../storage/index.ts';
import { AuthError } from '../errors.ts';

/**
 * Makes a change of who may do what, and takes it back (`last-administrator`) if it would leave the project without
 * anybody who may administer everything, while there was somebody before. Such changes wait for one another: two
 * administrators who unseat each other at the same time must not both succeed. To be called before any other row is held.
 */
export async function keepingAdministrator<T>(
  tx: Transaction,
  projectId: string,
  change: () => Promise<T>,
): Promise<T> {
  await tx
    .updateTable('project')
    .set((expression) => ({ name: expression.ref('name') }))
    .where('id', '=', projectId)
    .execute();
  const wasThere = await fullAdministratorExists(tx, projectId);
  const result = await change();
  if (wasThere && !(await fullAdministratorExists(tx, projectId))) throw new AuthError('last-administrator');
  return result;
}

/** Whether some user who can sign in holds all administration by one row, of their own or of a role. */
async function fullAdministratorExists(tx: Transaction, projectId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('role_admin_row')
    .innerJoin('role', 'role.id', 'role_admin_row.role_id')
    .leftJoin('user_role', 'user_role.role_id', 'role.id')
    .innerJoin('user', (join) =>
      join.on(({ or, eb, ref }) =>
        or([eb('user.id', '=', ref('role.user_id')), eb('user.id', '=', ref('user_role.user_id'))]),
      ),
    )
    .select('user.id')
    .where('role.project_id', '=', projectId)
    .where('section', '=', '*')
    .where('action', '=', '*')
    .where('user.status', '=', 'active')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
