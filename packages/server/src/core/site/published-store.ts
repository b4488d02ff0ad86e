import type { Database, Transaction } from '../../storage/index.ts';
import { type ItemFields, type ItemKind, PUBLISHED, REMOVED } from './item-store.ts';

/** An item as agents see it. */
export interface PublishedItem extends ItemFields {
  number: number;
}

/** In the order of their numbers, behind one of them or so many from the beginning. */
export async function listPublished(
  db: Database,
  search: { siteId: string; kind: ItemKind; after: number; offset: number; limit: number },
): Promise<PublishedItem[]> {
  return await db
    .selectFrom('published_item')
    .select(['number', 'type', 'address', 'value', 'label'])
    .where('site_id', '=', search.siteId)
    .where('kind', '=', search.kind)
    .where('number', '>', search.after)
    .orderBy('number')
    .limit(search.limit)
    .offset(search.offset)
    .execute();
}

/**
 * Makes what agents see the same as the drafts of a held site. Costs as much as there are drafts, however large the
 * site is. Returns how many more there are of each kind.
 */
export async function publishDrafts(
  tx: Transaction,
  siteId: string,
): Promise<{ redirects: number; pages: number; changes: number }> {
  const drafts = await tx
    .selectFrom('site_item')
    .select(({ fn }) => ['kind', 'state', fn.countAll<number | string>().as('count')])
    .where('site_id', '=', siteId)
    .where('state', '!=', PUBLISHED)
    .groupBy(['kind', 'state'])
    .execute();
  const count = (kind: ItemKind, state: string) =>
    Number(drafts.find((row) => row.kind === kind && row.state === state)?.count ?? 0);
  const more = (kind: ItemKind) => count(kind, 'new') - count(kind, 'removed');
  const changes = drafts.reduce((sum, row) => sum + Number(row.count), 0);
  if (changes > 0) for (const kind of ['redirect', 'page'] as const) await publishKind(tx, { siteId, kind });
  return { redirects: more('redirect'), pages: more('page'), changes };
}

async function publishKind(
  tx: Transaction,
  { siteId, kind }: { siteId: string; kind: ItemKind },
): Promise<void> {
  const unpublished = tx
    .selectFrom('site_item')
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('state', '!=', PUBLISHED);
  await tx
    .deleteFrom('published_item')
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('number', 'in', unpublished.select('number'))
    .execute();
  await tx
    .deleteFrom('site_item')
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('state', '!=', PUBLISHED)
    .where('state', '=', REMOVED)
    .execute();
  const columns = ['site_id', 'kind', 'number', 'type', 'address', 'value', 'label'] as const;
  await tx
    .insertInto('published_item')
    .columns([...columns])
    .expression(unpublished.select([...columns]))
    .execute();
  await tx
    .updateTable('site_item')
    .set({ state: 'published' })
    .where('site_id', '=', siteId)
    .where('kind', '=', kind)
    .where('state', '!=', PUBLISHED)
    .execute();
}
