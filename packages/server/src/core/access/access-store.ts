import { prepared, type Queryable, type Transaction } from '../../storage/index.ts';
import type { Permissions } from './is-allowed.ts';
import { privateRoleId } from './migrations.ts';

interface HeldBy {
  userId: string;
  own: string;
}

const adminRows = prepared((db, { userId, own }: HeldBy) =>
  db
    .selectFrom('role_admin_row')
    .select(['section', 'action'])
    .where('role_id', '=', own)
    .union((also) =>
      also
        .selectFrom('role_admin_row')
        .innerJoin('user_role', 'user_role.role_id', 'role_admin_row.role_id')
        .select(['section', 'action'])
        .where('user_role.user_id', '=', userId),
    ),
);

const resourceRows = prepared((db, { userId, own }: HeldBy) =>
  db
    .selectFrom('role_resource_row')
    .select(['namespace', 'site', 'resource', 'action'])
    .where('role_id', '=', own)
    .union((also) =>
      also
        .selectFrom('role_resource_row')
        .innerJoin('user_role', 'user_role.role_id', 'role_resource_row.role_id')
        .select(['namespace', 'site', 'resource', 'action'])
        .where('user_role.user_id', '=', userId),
    ),
);

/**
 * What a user holds, their own rows and those of all their roles, each once. Read at every request, so that what was
 * taken away is gone at the next.
 */
export async function permissionsOfUser(db: Queryable, userId: string): Promise<Permissions> {
  const held = { userId, own: privateRoleId(userId) };
  return { admin: (await adminRows(db, held)).rows, resources: (await resourceRows(db, held)).rows };
}

/** Whether any user may administer anything here. */
export async function administratorsExist(db: Queryable, projectId: string): Promise<boolean> {
  const row = await db
    .selectFrom('role_admin_row')
    .innerJoin('role', 'role.id', 'role_admin_row.role_id')
    .leftJoin('user_role', 'user_role.role_id', 'role.id')
    .select('role.id')
    .where('role.project_id', '=', projectId)
    .where((where) =>
      where.or([where('role.user_id', 'is not', null), where('user_role.user_id', 'is not', null)]),
    )
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The role that holds what is a user's alone; made when it is first needed. */
export async function ensurePrivateRole(
  tx: Transaction,
  owner: { projectId: string; userId: string; now: number },
): Promise<string> {
  const id = privateRoleId(owner.userId);
  await tx
    .insertInto('role')
    .values({
      id,
      project_id: owner.projectId,
      code: null,
      user_id: owner.userId,
      token_id: null,
      created_at: owner.now,
      updated_at: owner.now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return id;
}

/** Everything: rows of nothing but stars. */
export async function grantAdministration(
  tx: Transaction,
  owner: { projectId: string; userId: string; now: number },
): Promise<void> {
  const role_id = await ensurePrivateRole(tx, owner);
  await tx
    .insertInto('role_admin_row')
    .values({ role_id, section: '*', action: '*' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx
    .insertInto('role_resource_row')
    .values({ role_id, namespace: '*', site: '*', resource: '*', action: '*' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

const adminRowsOf = prepared((db, { roleId }: { roleId: string }) =>
  db.selectFrom('role_admin_row').select(['section', 'action']).where('role_id', '=', roleId),
);

const resourceRowsOf = prepared((db, { roleId }: { roleId: string }) =>
  db
    .selectFrom('role_resource_row')
    .select(['namespace', 'site', 'resource', 'action'])
    .where('role_id', '=', roleId),
);

export async function permissionsOfRole(db: Queryable, roleId: string): Promise<Permissions> {
  return {
    admin: (await adminRowsOf(db, { roleId })).rows,
    resources: (await resourceRowsOf(db, { roleId })).rows,
  };
}

/** The rows of a page's worth of roles, in two queries however many they are. */
export async function permissionsOfRoles(
  db: Queryable,
  roleIds: readonly string[],
): Promise<(roleId: string) => Permissions> {
  const ids = [...roleIds, ''];
  const admin = await db
    .selectFrom('role_admin_row')
    .selectAll()
    .where('role_id', 'in', ids)
    .orderBy('section')
    .orderBy('action')
    .execute();
  const resources = await db
    .selectFrom('role_resource_row')
    .selectAll()
    .where('role_id', 'in', ids)
    .orderBy('namespace')
    .orderBy('site')
    .orderBy('resource')
    .orderBy('action')
    .execute();
  const adminOf = Map.groupBy(admin, ({ role_id }) => role_id);
  const resourcesOf = Map.groupBy(resources, ({ role_id }) => role_id);
  return (roleId) => ({
    admin: (adminOf.get(roleId) ?? []).map(({ role_id: _, ...row }) => row),
    resources: (resourcesOf.get(roleId) ?? []).map(({ role_id: _, ...row }) => row),
  });
}

/** These rows and no others. The caller has checked them, and may grant them. */
export async function replaceRows(tx: Transaction, role_id: string, rows: Permissions): Promise<void> {
  await tx.deleteFrom('role_admin_row').where('role_id', '=', role_id).execute();
  await tx.deleteFrom('role_resource_row').where('role_id', '=', role_id).execute();
  const admin = rows.admin.map((row) => ({ role_id, ...row }));
  const resources = rows.resources.map((row) => ({ role_id, ...row }));
  if (admin.length > 0) await tx.insertInto('role_admin_row').values(admin).execute();
  if (resources.length > 0) await tx.insertInto('role_resource_row').values(resources).execute();
}
