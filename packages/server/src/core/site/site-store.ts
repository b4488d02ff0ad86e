import {
  type Database,
  prepared,
  type Queryable,
  type Tables,
  type Transaction,
} from '../../storage/index.ts';
import type { CodeSearch } from './namespace-store.ts';
import { rangeOf } from './prefix.ts';

/** How a site is named from outside: nothing is ever found without its project. */
export interface SitePath {
  projectId: string;
  /** Codes, as Flecto's paths have them. */
  namespace: string;
  site: string;
}

/** Flecto's project. */
export interface Site {
  id: string;
  namespace: string;
  code: string;
  name: string;
  /** 1 for a new one: agents take 0 for "nothing known yet" (Flecto contract A9). */
  version: number;
  /** Drafts that are not about to be removed. */
  redirects: number;
  pages: number;
  pageBytes: number;
  publishedRedirects: number;
  publishedPages: number;
  createdAt: number;
  updatedAt: number;
  publishedAt: number | null;
}

type Row = Tables['site'];

function siteFrom(row: Row, namespace: string): Site {
  return {
    id: row.id,
    namespace,
    code: row.code,
    name: row.name,
    version: row.version,
    redirects: row.redirects,
    pages: row.pages,
    pageBytes: row.page_bytes,
    publishedRedirects: row.published_redirects,
    publishedPages: row.published_pages,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    publishedAt: row.published_at,
  };
}

const byPath = prepared((db, { projectId, namespace, site }: SitePath) =>
  db
    .selectFrom('namespace')
    .innerJoin('site', 'site.namespace_id', 'namespace.id')
    .selectAll('site')
    .where('namespace.project_id', '=', projectId)
    .where('namespace.code', '=', namespace)
    .where('site.code', '=', site),
);

export async function findSite(db: Queryable, path: SitePath): Promise<Site | null> {
  const [row] = (await byPath(db, path)).rows;
  return row ? siteFrom(row, path.namespace) : null;
}

/** False when the namespace has one of this code. */
export async function insertSite(
  tx: Transaction,
  site: { id: string; projectId: string; namespaceId: string; code: string; name: string; now: number },
): Promise<boolean> {
  const none = { last_number: 0, redirects: 0, pages: 0, page_bytes: 0 };
  const inserted = await tx
    .insertInto('site')
    .values({
      id: site.id,
      project_id: site.projectId,
      namespace_id: site.namespaceId,
      code: site.code,
      name: site.name,
      version: 1,
      ...none,
      published_redirects: 0,
      published_pages: 0,
      created_at: site.now,
      updated_at: site.now,
      published_at: null,
    })
    .onConflict((conflict) => conflict.columns(['namespace_id', 'code']).doNothing())
    .executeTakeFirst();
  return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** In the order of their codes. */
export async function listSites(
  db: Database,
  { namespace, query, visible, after, limit }: CodeSearch & { namespace: { id: string; code: string } },
): Promise<Site[]> {
  if (visible !== 'all' && visible.length === 0) return [];
  const { from, below } = rangeOf(query);
  let select = db
    .selectFrom('site')
    .selectAll()
    .where('namespace_id', '=', namespace.id)
    .where('code', '>=', from)
    .where('code', '<', below)
    .orderBy('code')
    .limit(limit);
  if (visible !== 'all') select = select.where('code', 'in', visible);
  if (after !== null) select = select.where('code', '>', after);
  return (await select.execute()).map((row) => siteFrom(row, namespace.code));
}

/**
 * The namespace is held before the site, and by everybody: its deletion takes them in that order, too, and any other
 * would have the two wait for each other.
 */
function ofPath({ projectId, namespace, site }: SitePath) {
  return (db: Pick<Queryable, 'selectFrom'>) =>
    db
      .selectFrom('namespace')
      .innerJoin('site as wanted', 'wanted.namespace_id', 'namespace.id')
      .select('wanted.id')
      .where('namespace.project_id', '=', projectId)
      .where('namespace.code', '=', namespace)
      .where('wanted.code', '=', site)
      .forKeyShare('namespace');
}

/**
 * The site, and nobody else may change it or anything in it until this transaction ends: what is counted, compared
 * and published below is true until then. Null when it is not there.
 */
export async function holdSite(
  tx: Transaction,
  path: SitePath,
  changed: { now: number; name?: string },
): Promise<Site | null> {
  const row = await tx
    .updateTable('site')
    .set({ updated_at: changed.now, ...(changed.name !== undefined && { name: changed.name }) })
    .where('id', '=', ofPath(path)(tx))
    .returningAll()
    .executeTakeFirst();
  return row ? siteFrom(row, path.namespace) : null;
}

export async function deleteSite(tx: Transaction, path: SitePath): Promise<boolean> {
  const deleted = await tx.deleteFrom('site').where('id', '=', ofPath(path)(tx)).executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}

/** Adds to what is counted of the drafts of a held site. Returns the number for a new item. */
export async function countDrafts(
  tx: Transaction,
  siteId: string,
  by: { items: number; redirects: number; pages: number; bytes: number },
): Promise<number> {
  const { last_number } = await tx
    .updateTable('site')
    .set(({ eb }) => ({
      last_number: eb('last_number', '+', by.items),
      redirects: eb('redirects', '+', by.redirects),
      pages: eb('pages', '+', by.pages),
      page_bytes: eb('page_bytes', '+', by.bytes),
    }))
    .where('id', '=', siteId)
    .returning('last_number')
    .executeTakeFirstOrThrow();
  return last_number;
}

/** The next version of a held site, with so many more items in what agents see. */
export async function raiseVersion(
  tx: Transaction,
  siteId: string,
  by: { redirects: number; pages: number; now: number },
): Promise<void> {
  await tx
    .updateTable('site')
    .set(({ eb }) => ({
      version: eb('version', '+', 1),
      published_redirects: eb('published_redirects', '+', by.redirects),
      published_pages: eb('published_pages', '+', by.pages),
      published_at: by.now,
    }))
    .where('id', '=', siteId)
    .execute();
}
