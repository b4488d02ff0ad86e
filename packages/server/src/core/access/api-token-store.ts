import { sql } from 'kysely';
import { type Database, prepared, type Queryable, type Transaction } from '../../storage/index.ts';
import { permissionsOfRole, permissionsOfRoles, replaceRows } from './access-store.ts';
import type { Permissions } from './is-allowed.ts';
import { tokenRoleId } from './migrations.ts';

export interface ApiToken {
  id: string;
  projectId: string;
  name: string;
  /** Enough to tell one from another by sight, and no more. */
  preview: string;
  /** Null for one that never expires. */
  expiresAt: number | null;
  createdAt: number;
  updatedAt: number;
  lastUsedAt: number | null;
  permissions: Permissions;
}

/** What a request needs to know of its token. */
export interface LiveToken {
  id: string;
  projectId: string;
  name: string;
  tokenHash: string;
  expiresAt: number | null;
  lastUsedAt: number | null;
  permissions: Permissions;
}

const findByHash = prepared((db, { hash }: { hash: string }) =>
  db
    .selectFrom('api_token')
    .select(['id', 'project_id', 'name', 'expires_at', 'last_used_at'])
    .where('token_hash', '=', hash),
);

/** The hot query of every token check that no cache answers. */
export async function findLiveToken(db: Queryable, hash: string): Promise<LiveToken | null> {
  const [row] = (await findByHash(db, { hash })).rows;
  if (!row) return null;
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    tokenHash: hash,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    permissions: await permissionsOfRole(db, tokenRoleId(row.id)),
  };
}

/** Writes the token and its private role; false when the name is another token's. */
export async function insertToken(
  tx: Transaction,
  token: ApiToken & { tokenHash: string },
): Promise<boolean> {
  const row = await tx
    .insertInto('api_token')
    .values({
      id: token.id,
      project_id: token.projectId,
      name: token.name,
      token_hash: token.tokenHash,
      preview: token.preview,
      expires_at: token.expiresAt,
      created_at: token.createdAt,
      updated_at: token.updatedAt,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  const roleId = tokenRoleId(token.id);
  await tx
    .insertInto('role')
    .values({
      id: roleId,
      project_id: token.projectId,
      code: null,
      user_id: null,
      token_id: token.id,
      created_at: token.createdAt,
      updated_at: token.updatedAt,
    })
    .execute();
  await replaceRows(tx, roleId, token.permissions);
  return true;
}

interface Named {
  projectId: string;
  id: string;
}

/** Holds the token's row until the transaction ends, so that of two changes the second replaces all of the first. */
export async function touchToken(
  tx: Transaction,
  { projectId, id, now }: Named & { now: number },
): Promise<{ name: string; tokenHash: string } | null> {
  const row = await tx
    .updateTable('api_token')
    .set({ updated_at: now })
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .returning(['name', 'token_hash'])
    .executeTakeFirst();
  return row ? { name: row.name, tokenHash: row.token_hash } : null;
}

/** Deletes the token, its private role and all its rows. */
export async function deleteToken(
  tx: Transaction,
  { projectId, id }: Named,
): Promise<{ name: string; tokenHash: string } | null> {
  const row = await tx
    .deleteFrom('api_token')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .returning(['name', 'token_hash'])
    .executeTakeFirst();
  return row ? { name: row.name, tokenHash: row.token_hash } : null;
}

/** Where a list goes on: the last token already seen, and what the list is sorted by. */
export interface TokenCursor {
  sort: TokenSort;
  key: string | number;
  id: string;
}

type TokenSort = 'name' | 'created';

export interface TokenSearch {
  projectId: string;
  /** Part of a name or preview, in any case; empty for all. */
  search: string;
  sort: TokenSort;
  order: 'asc' | 'desc';
  after: TokenCursor | null;
  limit: number;
}

export async function listTokens(db: Database, wanted: TokenSearch): Promise<ApiToken[]> {
  const { projectId, search, sort, order, after, limit } = wanted;
  const column = sort === 'name' ? 'name' : 'created_at';
  let select = db
    .selectFrom('api_token')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy(column, order)
    .orderBy('id', order)
    .limit(limit);
  if (search !== '') {
    const part = `%${search.toLowerCase().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
    select = select.where(({ or }) =>
      or([
        sql<boolean>`lower(name) like ${part} escape '\\'`,
        sql<boolean>`lower(preview) like ${part} escape '\\'`,
      ]),
    );
  }
  if (after) {
    const beyond = order === 'asc' ? '>' : '<';
    select = select.where(({ or, and, eb }) =>
      or([eb(column, beyond, after.key), and([eb(column, '=', after.key), eb('id', beyond, after.id)])]),
    );
  }
  return await withPermissions(db, await select.execute());
}

export async function findToken(
  db: Queryable,
  { projectId, ...by }: { projectId: string } & ({ id: string } | { name: string }),
): Promise<ApiToken | null> {
  const [column, value] = 'id' in by ? (['id', by.id] as const) : (['name', by.name] as const);
  const rows = await db
    .selectFrom('api_token')
    .selectAll()
    .where('project_id', '=', projectId)
    .where(column, '=', value)
    .execute();
  const [token] = await withPermissions(db, rows);
  return token ?? null;
}

interface TokenRow {
  id: string;
  project_id: string;
  name: string;
  preview: string;
  expires_at: number | null;
  created_at: number;
  updated_at: number;
  last_used_at: number | null;
}

async function withPermissions(db: Queryable, rows: readonly TokenRow[]): Promise<ApiToken[]> {
  const permissionsOf = await permissionsOfRoles(
    db,
    rows.map(({ id }) => tokenRoleId(id)),
  );
  return rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    preview: row.preview,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastUsedAt: row.last_used_at,
    permissions: permissionsOf(tokenRoleId(row.id)),
  }));
}
