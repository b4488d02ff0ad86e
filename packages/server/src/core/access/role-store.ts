import { sql } from 'kysely';
import type { Database, Queryable, Transaction } from '../../storage/index.ts';
import { permissionsOfRoles } from './access-store.ts';
import type { Permissions } from './is-allowed.ts';

/** A named role: rows that all its members hold. */
export interface Role {
  id: string;
  code: string;
  createdAt: number;
  updatedAt: number;
  permissions: Permissions;
}

/** False when the code is another role's. */
export async function insertRole(
  tx: Transaction,
  role: { id: string; projectId: string; code: string; now: number },
): Promise<boolean> {
  const row = await tx
    .insertInto('role')
    .values({
      id: role.id,
      project_id: role.projectId,
      code: role.code,
      user_id: null,
      token_id: null,
      created_at: role.now,
      updated_at: role.now,
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'code']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

interface Coded {
  projectId: string;
  code: string;
}

/** Holds a role's row until the transaction ends and says its id; null for none of this code. */
export async function touchRole(
  tx: Transaction,
  { projectId, code, now }: Coded & { now: number },
): Promise<string | null> {
  const row = await tx
    .updateTable('role')
    .set({ updated_at: now })
    .where('project_id', '=', projectId)
    .where('code', '=', code)
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** With its rows and memberships; null for none of this code. */
export async function deleteRole(tx: Transaction, { projectId, code }: Coded): Promise<string | null> {
  const row = await tx
    .deleteFrom('role')
    .where('project_id', '=', projectId)
    .where('code', '=', code)
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Ids of the named roles by code; unknown codes are missing. */
export async function findRoleIds(
  db: Queryable,
  { projectId, codes }: { projectId: string; codes: readonly string[] },
): Promise<string[]> {
  const rows = await db
    .selectFrom('role')
    .select('id')
    .where('project_id', '=', projectId)
    .where('code', 'in', [...codes, ''])
    .execute();
  return rows.map(({ id }) => id);
}

export async function findRole(db: Queryable, { projectId, code }: Coded): Promise<Role | null> {
  const rows = await db
    .selectFrom('role')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('code', '=', code)
    .execute();
  const [role] = await withPermissions(db, rows);
  return role ?? null;
}

/** By code; `after` is the last code already seen, `search` any part of a code in any case. */
export async function listRoles(
  db: Database,
  wanted: { projectId: string; search: string; after: string | null; limit: number },
): Promise<Role[]> {
  const { projectId, search, after, limit } = wanted;
  let select = db
    .selectFrom('role')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('code', 'is not', null)
    .orderBy('code')
    .limit(limit);
  if (search !== '') {
    const part = `%${search.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
    select = select.where(sql<boolean>`lower(code) like ${part} escape '\\'`);
  }
  if (after !== null) select = select.where('code', '>', after);
  return await withPermissions(db, await select.execute());
}

interface RoleRow {
  id: string;
  code: string | null;
  created_at: number;
  updated_at: number;
}

async function withPermissions(db: Queryable, rows: readonly RoleRow[]): Promise<Role[]> {
  const permissionsOf = await permissionsOfRoles(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: row.id,
    code: row.code ?? '',
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    permissions: permissionsOf(row.id),
  }));
}

interface Membership {
  roleId: string;
  userId: string;
}

/** False for who is a member already. */
export async function insertMember(tx: Transaction, { roleId, userId }: Membership): Promise<boolean> {
  const row = await tx
    .insertInto('user_role')
    .values({ role_id: roleId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function deleteMember(tx: Transaction, { roleId, userId }: Membership): Promise<boolean> {
  const row = await tx
    .deleteFrom('user_role')
    .where('role_id', '=', roleId)
    .where('user_id', '=', userId)
    .returning('user_id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ids of users, in the order of their ids. */
export async function listMembers(
  db: Database,
  { roleId, after, limit }: { roleId: string; after: string | null; limit: number },
): Promise<string[]> {
  let select = db
    .selectFrom('user_role')
    .select('user_id')
    .where('role_id', '=', roleId)
    .orderBy('user_id')
    .limit(limit);
  if (after !== null) select = select.where('user_id', '>', after);
  return (await select.execute()).map(({ user_id }) => user_id);
}

export async function rolesOfUser(db: Queryable, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('user_role')
    .innerJoin('role', 'role.id', 'user_role.role_id')
    .select('role.code')
    .where('user_role.user_id', '=', userId)
    .orderBy('role.code')
    .execute();
  return rows.map(({ code }) => code ?? '');
}

/** These roles and no others. */
export async function replaceRolesOfUser(
  tx: Transaction,
  { userId, roleIds }: { userId: string; roleIds: readonly string[] },
): Promise<void> {
  await tx.deleteFrom('user_role').where('user_id', '=', userId).execute();
  const rows = roleIds.map((role_id) => ({ user_id: userId, role_id }));
  if (rows.length > 0) await tx.insertInto('user_role').values(rows).execute();
}

/** In a transaction the user is not deleted before its end. */
export async function userExists(db: Queryable, projectId: string, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('user')
    .select('id')
    .where('id', '=', userId)
    .where('project_id', '=', projectId)
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
}

export async function isActiveUser(db: Queryable, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('user')
    .select('id')
    .where('id', '=', userId)
    .where('status', '=', 'active')
    .executeTakeFirst();
  return row !== undefined;
}
