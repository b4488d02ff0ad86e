import type { Queryable, Tables, Transaction } from '../../storage/index.ts';
import { rangeOf } from './prefix.ts';

export interface Namespace {
  code: string;
  name: string;
  createdAt: number;
  updatedAt: number;
}

/** Which codes somebody may learn of. */
export type Visible = 'all' | readonly string[];

export interface CodeSearch {
  /** Beginning of a code, in the case it is written in. */
  query: string;
  visible: Visible;
  /** The last code already seen. */
  after: string | null;
  limit: number;
}

function namespaceFrom(row: Tables['namespace']): Namespace {
  return { code: row.code, name: row.name, createdAt: row.created_at, updatedAt: row.updated_at };
}

/** False when there is one of this code. */
export async function insertNamespace(tx: Transaction, row: Tables['namespace']): Promise<boolean> {
  const inserted = await tx
    .insertInto('namespace')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project_id', 'code']).doNothing())
    .executeTakeFirst();
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function findNamespace(
  db: Queryable,
  { projectId, namespace }: { projectId: string; namespace: string },
): Promise<(Namespace & { id: string }) | null> {
  const row = await db
    .selectFrom('namespace')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('code', '=', namespace)
    .executeTakeFirst();
  return row ? { id: row.id, ...namespaceFrom(row) } : null;
}

/** In the order of their codes. */
export async function listNamespaces(
  db: Queryable,
  { projectId, query, visible, after, limit }: CodeSearch & { projectId: string },
): Promise<Namespace[]> {
  if (visible !== 'all' && visible.length === 0) return [];
  const { from, below } = rangeOf(query);
  let select = db
    .selectFrom('namespace')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('code', '>=', from)
    .where('code', '<', below)
    .orderBy('code')
    .limit(limit);
  if (visible !== 'all') select = select.where('code', 'in', visible);
  if (after !== null) select = select.where('code', '>', after);
  return (await select.execute()).map(namespaceFrom);
}

/** Its id, and nobody may delete it until this transaction ends. Null when it is not there. */
export async function holdNamespace(
  tx: Transaction,
  { projectId, namespace }: { projectId: string; namespace: string },
): Promise<string | null> {
  const row = await tx
    .updateTable('namespace')
    .set((expression) => ({ code: expression.ref('code') }))
    .where('project_id', '=', projectId)
    .where('code', '=', namespace)
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** False when it is not there. */
export async function renameNamespace(
  tx: Transaction,
  change: { projectId: string; namespace: string; name: string; now: number },
): Promise<boolean> {
  const renamed = await tx
    .updateTable('namespace')
    .set({ name: change.name, updated_at: change.now })
    .where('project_id', '=', change.projectId)
    .where('code', '=', change.namespace)
    .executeTakeFirst();
  return renamed.numUpdatedRows > 0n;
}

/** Takes its sites and everything in them along. False when it is not there. */
export async function deleteNamespace(
  tx: Transaction,
  { projectId, namespace }: { projectId: string; namespace: string },
): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('namespace')
    .where('project_id', '=', projectId)
    .where('code', '=', namespace)
    .executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}
