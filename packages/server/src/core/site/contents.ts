import type { Clock } from '../../chance.ts';
import type { Storage, Transaction } from '../../storage/index.ts';
import type { Actor, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import {
  deleteItem,
  findItem,
  type Item,
  type ItemFields,
  type ItemKind,
  type ItemPlace,
  insertItem,
  isAddressTaken,
  listItems,
  updateItem,
} from './item-store.ts';
import { listPublished, type PublishedItem } from './published-store.ts';
import { countDrafts, findSite, holdSite, type Site, type SitePath } from './site-store.ts';

type ItemPath = SitePath & { kind: ItemKind; number: number };

/** What agents are given of a site, a piece at a time, so that no answer is ever whole in memory. */
export interface PublishedList {
  siteId: string;
  /** How many there are in all. */
  total: number;
  /** Behind the item of this number and so many more; up to `limit` of them, 0 for all. */
  read(from: { after: number; offset: number; limit: number }): AsyncGenerator<PublishedItem[]>;
}

/** Redirects and pages. Whatever is changed is a draft until its site is published. */
export interface Contents {
  list(
    search: SitePath & { kind: ItemKind; query: string; after: ItemPlace | null; limit: number },
  ): Promise<{ items: Item[]; next: ItemPlace | null }>;
  find(path: ItemPath): Promise<Item>;
  add(item: SitePath & { kind: ItemKind; fields: ItemFields; actor: Actor }): Promise<Item>;
  change(change: ItemPath & { fields: Partial<ItemFields>; actor: Actor }): Promise<Item>;
  /** What was published stays so until its site is published again. */
  remove(gone: ItemPath & { actor: Actor }): Promise<void>;
  /** Of a site that is not there nothing is published (Flecto contract A9). */
  published(path: SitePath, kind: ItemKind): Promise<PublishedList>;
}

interface Dependencies {
  storage: Storage;
  clock: Clock;
  audit: Auditor;
  /** In bytes of UTF-8; `all` of one site's drafts together. */
  pageLimits: { each: number; all: number };
}

/** More than anybody writes by hand; what keeps reading by offset and publishing within bounds. */
const MAX_ITEMS: Record<ItemKind, number> = { redirect: 100_000, page: 10_000 };
/** How many are read at once: of pages few, for each may be a megabyte. */
const CHUNK: Record<ItemKind, number> = { redirect: 500, page: 16 };

/** No site has this id, so that no cursor of one that is gone goes on here. */
const NOTHING: PublishedList = {
  siteId: '',
  total: 0,
  async *read() {
    yield* [];
  },
};

export function createContents({ storage, clock, audit, pageLimits }: Dependencies): Contents {
  async function siteOf(path: SitePath): Promise<Site> {
    const site = await findSite(storage.db, path);
    if (!site) throw new AuthError('site-unknown', { what: 'site' });
    return site;
  }

  async function find(
    db: Storage['db'] | Transaction,
    named: { siteId: string; kind: ItemKind; number: number },
  ) {
    const item = await findItem(db, named);
    if (!item) throw new AuthError('site-unknown', { what: named.kind });
    return item;
  }

  /** One edit of a held site and its trace. */
  async function edit(
    { projectId, namespace, site: code, kind, actor }: SitePath & { kind: ItemKind; actor: Actor },
    work: (tx: Transaction, site: Site, now: number) => Promise<{ number: number; change: string }>,
  ): Promise<{ siteId: string; number: number }> {
    return await storage.transaction(async (tx) => {
      const now = clock();
      const site = await holdSite(tx, { projectId, namespace, site: code }, { now });
      if (!site) throw new AuthError('site-unknown', { what: 'site' });
      const { number, change } = await work(tx, site, now);
      const details = { namespace, site: code, kind, number, change };
      await audit.record(tx, { event: 'site.edited', projectId, userId: null, actor, details });
      return { siteId: site.id, number };
    });
  }

  function bytesOf(kind: ItemKind, value: string): number {
    const bytes = kind === 'page' ? Buffer.byteLength(value) : 0;
    if (bytes > pageLimits.each) throw new AuthError('site-content-refused', { reason: 'page-too-large' });
    return bytes;
  }

  function refuseTooMany(site: Site, kind: ItemKind, more: { items: number; bytes: number }): void {
    const items = (kind === 'page' ? site.pages : site.redirects) + more.items;
    // Whoever makes a site that is too full smaller is not held up.
    const isFull = more.bytes > 0 && site.pageBytes + more.bytes > pageLimits.all;
    if ((more.items > 0 && items > MAX_ITEMS[kind]) || isFull)
      throw new AuthError('site-content-refused', { reason: 'site-full' });
  }

  const counts = (kind: ItemKind, by: number) => ({
    redirects: kind === 'redirect' ? by : 0,
    pages: kind === 'page' ? by : 0,
  });

  return {
    async list({ kind, query, after, limit, ...path }) {
      const { id } = await siteOf(path);
      return await listItems(storage.db, { siteId: id, kind, query, after, limit });
    },
    async find({ kind, number, ...path }) {
      const { id } = await siteOf(path);
      return await find(storage.db, { siteId: id, kind, number });
    },
    async add({ fields, ...at }) {
      const { kind } = at;
      const bytes = bytesOf(kind, fields.value);
      const made = await edit(at, async (tx, site, now) => {
        refuseTooMany(site, kind, { items: 1, bytes });
        const number = await countDrafts(tx, site.id, { items: 1, ...counts(kind, 1), bytes });
        const named = { siteId: site.id, kind, number };
        if (await isAddressTaken(tx, { ...named, ...fields }))
          throw new AuthError('site-code-taken', { what: kind });
        await insertItem(tx, { ...named, ...fields, state: 'new', bytes, updatedAt: now, now });
        return { number, change: 'added' };
      });
      return await find(storage.db, { ...made, kind });
    },
    async change({ number, fields, ...at }) {
      const { kind } = at;
      const made = await edit(at, async (tx, site, now) => {
        const named = { siteId: site.id, kind, number };
        const before = await find(tx, named);
        if (before.state === 'removed') throw new AuthError('site-unknown', { what: kind });
        const after = { ...before, ...fields };
        const bytes = bytesOf(kind, after.value);
        const more = bytes - before.bytes;
        refuseTooMany(site, kind, { items: 0, bytes: more });
        if (await isAddressTaken(tx, { ...named, type: after.type, address: after.address }))
          throw new AuthError('site-code-taken', { what: kind });
        await updateItem(tx, named, {
          ...fields,
          bytes,
          state: before.state === 'new' ? 'new' : 'changed',
          now,
        });
        await countDrafts(tx, site.id, { items: 0, ...counts(kind, 0), bytes: more });
        return { number, change: 'changed' };
      });
      return await find(storage.db, { ...made, kind });
    },
    async remove({ number, ...at }) {
      const { kind } = at;
      await edit(at, async (tx, site, now) => {
        const named = { siteId: site.id, kind, number };
        const before = await find(tx, named);
        if (before.state === 'removed') throw new AuthError('site-unknown', { what: kind });
        if (before.state === 'new') await deleteItem(tx, named);
        else await updateItem(tx, named, { state: 'removed', now });
        await countDrafts(tx, site.id, { items: 0, ...counts(kind, -1), bytes: -before.bytes });
        return { number, change: 'removed' };
      });
    },
    async published(path, kind) {
      const site = await findSite(storage.db, path);
      if (!site) return NOTHING;
      return {
        siteId: site.id,
        total: kind === 'page' ? site.publishedPages : site.publishedRedirects,
        async *read({ after, offset, limit }) {
          let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
          let place = { after, offset };
          while (left > 0) {
            const wanted = Math.min(left, CHUNK[kind]);
            const items = await listPublished(storage.db, { siteId: site.id, kind, ...place, limit: wanted });
            const last = items.at(-1);
            if (!last) return;
            yield items;
            if (items.length < wanted) return;
            left -= items.length;
            place = { after: last.number, offset: 0 };
          }
        },
      };
    },
  };
}
