import type { Queryable } from '../../storage/index.ts';
import { permissionsOfUser } from './access-store.ts';
import type { Permissions } from './is-allowed.ts';

/** What named roles hold together; a name that no role has, or has any more, holds nothing. */
async function permissionsOfNamed(
  db: Queryable,
  { projectId, codes }: { projectId: string; codes: readonly string[] },
): Promise<Permissions> {
  const named = db
    .selectFrom('role')
    .select('role.id')
    .where('role.project_id', '=', projectId)
    .where('role.code', 'in', [...codes]);
  const admin = await db
    .selectFrom('role_admin_row')
    .select(['section', 'action'])
    .where('role_id', 'in', named)
    .execute();
  const resources = await db
    .selectFrom('role_resource_row')
    .select(['namespace', 'site', 'resource', 'action'])
    .where('role_id', 'in', named)
    .execute();
  return { admin, resources };
}

/**
 * What a user holds in a sign-in that was given roles by name (Flecto contract A6): their own, and those. Read at every
 * request, so that a role which is changed or deleted is so for whoever has its name in hand.
 */
export async function permissionsInSession(
  db: Queryable,
  { projectId, userId, roles }: { projectId: string; userId: string; roles: readonly string[] },
): Promise<Permissions> {
  const own = await permissionsOfUser(db, userId);
  if (roles.length === 0) return own;
  const given = await permissionsOfNamed(db, { projectId, codes: roles });
  return {
    admin: [...own.admin, ...given.admin],
    resources: [...own.resources, ...given.resources],
  };
}
