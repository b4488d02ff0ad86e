import { sql } from 'kysely';
import type { Database, Queryable, Transaction } from '../../storage/index.ts';
import type { ItemState } from './migrations.ts';
import { rangeOf } from './prefix.ts';

export type ItemKind = 'redirect' | 'page';

/** What can be said of an item; the names are those of both kinds, see `Tables['site_item']`. */
export interface ItemFields {
  type: string;
  address: string;
  value: string;
  label: string;
}

/** A draft as an operator sees it. */
export interface Item extends ItemFields {
  number: number;
  state: ItemState;
  bytes: number;
  updatedAt: number;
}

/** Where a list of drafts goes on: behind a number, or in a search behind an address. */
export type ItemPlace = { by: 'number'; number: number } | { by: 'address'; address: string; type: string };

/**
 * Written into the statements as they stand in the conditions of the partial indexes: SQLite takes such an index only
 * for a condition it can read, not for one whose word comes later.
 */
export const PUBLISHED = sql.lit<ItemState>('published');
export const REMOVED = sql.lit<ItemState>('removed');

interface Named {
  siteId: string;
  kind: ItemKind;
  number: number;
}

const COLUMNS = ['number', 'type', 'address', 'label', 'state', 'bytes', 'updated_at as updatedAt'] as const;

export async function findItem(db: Queryable, { siteId, kind, number }: Named): Promise<Item | null> {
  const row = await db
    .selectFrom('site_item')
    .select([...COLUMNS, 'value'])
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('number', '=', number)
    .executeTakeFirst();
  return row ?? null;
}

/** Of pages without their content, which may be a megabyte each. */
export async function listItems(
  db: Database,
  search: { siteId: string; kind: ItemKind; query: string; after: ItemPlace | null; limit: number },
): Promise<{ items: Item[]; next: ItemPlace | null }> {
  const { siteId, kind, query, after, limit } = search;
  let select = db
    .selectFrom('site_item')
    .select(COLUMNS)
    .$if(kind === 'redirect', (also) => also.select('value'))
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .limit(limit);
  if (query === '') {
    select = select.orderBy('number');
    if (after?.by === 'number') select = select.where('number', '>', after.number);
  } else {
    const { from, below } = rangeOf(query);
    // What is about to be removed has no address any more, which is what the index is about.
    select = select
      .where('state', '!=', REMOVED)
      .where('address', '>=', from)
      .where('address', '<', below)
      .orderBy('address')
      .orderBy('type');
    if (after?.by === 'address') {
      const { address, type } = after;
      select = select.where(({ or, and, eb }) =>
        or([eb('address', '>', address), and([eb('address', '=', address), eb('type', '>', type)])]),
      );
    }
  }
  const items = (await select.execute()).map((row) => ({ ...row, value: row.value ?? '' }));
  const last = items.length === limit ? items.at(-1) : undefined;
  if (!last) return { items, next: null };
  const { number, address, type } = last;
  return { items, next: query === '' ? { by: 'number', number } : { by: 'address', address, type } };
}

/** Whether another draft of the site has this address and type. Asked while the site is held. */
export async function isAddressTaken(
  tx: Transaction,
  { siteId, kind, number, type, address }: Named & Pick<ItemFields, 'type' | 'address'>,
): Promise<boolean> {
  const row = await tx
    .selectFrom('site_item')
    .select('number')
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('address', '=', address)
    .where('type', '=', type)
    .where('state', '!=', REMOVED)
    .where('number', '!=', number)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertItem(
  tx: Transaction,
  { siteId, now, updatedAt: _, ...item }: Named & Item & { now: number },
): Promise<void> {
  await tx
    .insertInto('site_item')
    .values({ site_id: siteId, ...item, updated_at: now })
    .execute();
}

export async function updateItem(
  tx: Transaction,
  { siteId, kind, number }: Named,
  change: Partial<ItemFields> & { state: ItemState; bytes?: number; now: number },
): Promise<void> {
  const { now, ...columns } = change;
  await tx
    .updateTable('site_item')
    .set({ ...columns, updated_at: now })
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('number', '=', number)
    .execute();
}

export async function deleteItem(tx: Transaction, { siteId, kind, number }: Named): Promise<void> {
  await tx
    .deleteFrom('site_item')
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('number', '=', number)
    .execute();
}

export async function hasUnpublished(db: Queryable, siteId: string): Promise<boolean> {
  const row = await db
    .selectFrom('site_item')
    .select('number')
    .where('site_id', '=', siteId)
    .where('state', '!=', PUBLISHED)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
