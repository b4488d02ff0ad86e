import { prepared, type Queryable, type Tables, type Transaction } from '../../storage/index.ts';

export type KeyKind = Tables['project_key']['kind'];

export interface ProjectKey {
  id: string;
  projectId: string;
  kind: KeyKind;
  name: string;
  /** Enough to tell one from another by sight, and no more. */
  preview: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

/** What a request needs to know of its key. */
export interface LiveKey {
  id: string;
  projectId: string;
  kind: KeyKind;
  keyHash: string;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

function keyFrom(row: Tables['project_key']): ProjectKey {
  return {
    id: row.id,
    projectId: row.project_id,
    kind: row.kind,
    name: row.name,
    preview: row.preview,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

const findByHash = prepared((db, { hash }: { hash: string }) =>
  db
    .selectFrom('project_key')
    .select(['id', 'project_id', 'kind', 'expires_at', 'last_used_at'])
    .where('key_hash', '=', hash),
);

/** The hot query of every key that no cache knows. */
export async function findLiveKey(db: Queryable, hash: string): Promise<LiveKey | null> {
  const [row] = (await findByHash(db, { hash })).rows;
  if (!row) return null;
  return {
    id: row.id,
    projectId: row.project_id,
    kind: row.kind,
    keyHash: hash,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}

export async function insertKey(tx: Transaction, key: ProjectKey & { keyHash: string }): Promise<void> {
  await tx
    .insertInto('project_key')
    .values({
      id: key.id,
      project_id: key.projectId,
      kind: key.kind,
      name: key.name,
      key_hash: key.keyHash,
      preview: key.preview,
      created_at: key.createdAt,
      expires_at: null,
      last_used_at: null,
    })
    .execute();
}

/** A project's keys, the oldest first; there are a few. */
export async function listKeys(db: Queryable, projectId: string): Promise<ProjectKey[]> {
  const rows = await db
    .selectFrom('project_key')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('id')
    .limit(1_000)
    .execute();
  return rows.map(keyFrom);
}

/** Whether anybody could ask about a project at Flux's API. */
export async function hasKeys(db: Queryable, projectId: string): Promise<boolean> {
  const row = await db
    .selectFrom('project_key')
    .select('id')
    .where('project_id', '=', projectId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

interface Named {
  projectId: string;
  id: string;
}

/** Lets a key that has no end yet end; of two that rotate it at once, one is told which it was. */
export async function endKey(
  tx: Transaction,
  { projectId, id, at }: Named & { at: number },
): Promise<(ProjectKey & { keyHash: string }) | null> {
  const row = await tx
    .updateTable('project_key')
    .set({ expires_at: at })
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .where('expires_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ? { ...keyFrom(row), keyHash: row.key_hash } : null;
}

export async function deleteKey(
  tx: Transaction,
  { projectId, id }: Named,
): Promise<(ProjectKey & { keyHash: string }) | null> {
  const row = await tx
    .deleteFrom('project_key')
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .returningAll()
    .executeTakeFirst();
  return row ? { ...keyFrom(row), keyHash: row.key_hash } : null;
}

const moveLastUse = prepared((db, { id, at }: { id: string; at: number }) =>
  db
    .updateTable('project_key')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where(({ or, eb }) => or([eb('last_used_at', 'is', null), eb('last_used_at', '<', at)])),
);

export async function saveKeyUse(tx: Transaction, id: string, at: number): Promise<void> {
  await moveLastUse(tx, { id, at });
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredKeys(db: Queryable, now: number): Promise<void> {
  await db.deleteFrom('project_key').where('expires_at', '<=', now).execute();
}
