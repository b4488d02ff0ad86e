import { sql } from 'kysely';
import { DAY } from '../../chance.ts';
import {
  type Database,
  deleteInBatches,
  prepared,
  type Queryable,
  type Tables,
  type Transaction,
} from '../../storage/index.ts';

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
  revokedAt: number | null;
  /** The key that was made in its place. */
  replacedBy: string | null;
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
    revokedAt: row.revoked_at,
    replacedBy: row.replaced_by,
  };
}

const findByHash = prepared((db, { hash }: { hash: string }) =>
  db
    .selectFrom('project_key')
    .select(['id', 'project_id', 'kind', 'expires_at', 'last_used_at'])
    .where('key_hash', '=', hash)
    .where('revoked_at', 'is', null),
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
      expires_at: key.expiresAt,
      last_used_at: null,
      revoked_at: null,
      replaced_by: null,
    })
    .execute();
}

/** A project's keys, the newest first; there are a few, those that ended of late among them. */
export async function listKeys(db: Queryable, projectId: string): Promise<ProjectKey[]> {
  const rows = await db
    .selectFrom('project_key')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('id', 'desc')
    .limit(1_000)
    .execute();
  return rows.map(keyFrom);
}

/** Whether anybody could ask about a project at Flux's API, or could until `since`. */
export async function hadKeys(
  db: Queryable,
  { projectId, since }: { projectId: string; since: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('project_key')
    .select('id')
    .where('project_id', '=', projectId)
    .where(({ or, eb }) => or([eb('revoked_at', 'is', null), eb('revoked_at', '>', since)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

interface Named {
  projectId: string;
  id: string;
}

type Found = ProjectKey & { keyHash: string };

/** Gives a live key its one successor; of two that rotate it at once, one is told which it was. */
export async function replaceKey(
  tx: Transaction,
  { projectId, id, by, now, endsAt }: Named & { by: string; now: number; endsAt: number },
): Promise<Found | null> {
  const row = await tx
    .updateTable('project_key')
    .set(({ fn, val, eb }) => ({
      replaced_by: by,
      // One that has an end already keeps it if that comes sooner.
      expires_at: eb
        .case()
        .when(fn.coalesce('expires_at', val(endsAt)), '<', endsAt)
        .then(eb.ref('expires_at'))
        .else(endsAt)
        .end(),
    }))
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .where('replaced_by', 'is', null)
    .where('revoked_at', 'is', null)
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .returningAll()
    .executeTakeFirst();
  return row ? { ...keyFrom(row), keyHash: row.key_hash } : null;
}

/** Null for one that was ended before, or is over. */
export async function revokeKey(
  tx: Transaction,
  { projectId, id, now }: Named & { now: number },
): Promise<Found | null> {
  const row = await tx
    .updateTable('project_key')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .where('revoked_at', 'is', null)
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .returningAll()
    .executeTakeFirst();
  return row ? { ...keyFrom(row), keyHash: row.key_hash } : null;
}

/** How long a list still shows what ended. */
const SHOWN_AFTER_END_MS = 30 * DAY;

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredKeys(db: Database, now: number): Promise<void> {
  const before = now - SHOWN_AFTER_END_MS;
  const where = sql`expires_at <= ${before} or revoked_at <= ${before}`;
  await deleteInBatches(db, { from: 'project_key', key: 'id', where });
}
