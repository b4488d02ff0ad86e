import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import { createRowCache, type Storage, type Transaction } from '../../storage/index.ts';
import type { Actor, AuditEvent, Auditor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { hasUnpublished } from './item-store.ts';
import {
  type CodeSearch,
  deleteNamespace,
  findNamespace,
  holdNamespace,
  insertNamespace,
  listNamespaces,
  type Namespace,
  renameNamespace,
} from './namespace-store.ts';
import { publishDrafts } from './published-store.ts';
import {
  deleteSite,
  findSite,
  holdSite,
  insertSite,
  listSites,
  raiseVersion,
  type Site,
  type SitePath,
} from './site-store.ts';

interface NamespacePath {
  projectId: string;
  namespace: string;
}

/**
 * Namespaces and sites. Names that are not there are refused as `site-unknown`, codes that are in use as
 * `site-code-taken`. Codes never change: they are what rights and agents go by.
 */
export interface Sites {
  createNamespace(made: NamespacePath & { name: string; actor: Actor }): Promise<Namespace>;
  namespace(path: NamespacePath): Promise<Namespace>;
  listNamespaces(search: CodeSearch & { projectId: string }): Promise<Namespace[]>;
  renameNamespace(change: NamespacePath & { name: string; actor: Actor }): Promise<Namespace>;
  /** With all of its sites. */
  deleteNamespace(gone: NamespacePath & { actor: Actor }): Promise<void>;
  create(made: SitePath & { name: string; actor: Actor }): Promise<Site & { hasUnpublished: boolean }>;
  find(path: SitePath): Promise<Site & { hasUnpublished: boolean }>;
  list(search: CodeSearch & NamespacePath): Promise<Site[]>;
  rename(change: SitePath & { name: string; actor: Actor }): Promise<Site>;
  /** With all that is in it, and what its agents reported. */
  delete(gone: SitePath & { actor: Actor }): Promise<void>;
  /** Makes the drafts what agents see, and raises the version by one, whether or not there were any. */
  publish(site: SitePath & { actor: Actor }): Promise<Site>;
  /** What agents ask for at every turn; mostly from memory. */
  version(path: SitePath): Promise<number>;
  close(): void;
}

interface Dependencies extends Chance {
  storage: Storage;
  audit: Auditor;
}

/** Topics and keys of what changed. Codes have no slash in them, so no key can be taken for another. */
const siteChanged = ({ projectId, namespace, site }: SitePath) => ({
  topic: 'site',
  key: `${projectId}/${namespace}/${site}`,
});
const namespaceChanged = ({ projectId, namespace }: NamespacePath) => ({
  topic: 'namespace',
  key: `${projectId}/${namespace}`,
});

const unknownNamespace = () => new AuthError('site-unknown', { what: 'namespace' });
const unknownSite = () => new AuthError('site-unknown', { what: 'site' });

export function createSites({ storage, audit, clock, random }: Dependencies): Sites {
  /** Every agent asks over and over. One may be told an older version for a moment, never a newer one than the rows are. */
  const versions = createRowCache<SitePath & { version: number }>({
    channel: storage.channel,
    clock,
    topic: 'site',
    keyOf: (row) => siteChanged(row).key,
    owner: { topic: 'namespace', keyOf: (row) => namespaceChanged(row).key },
  });

  async function record(
    tx: Transaction,
    event: AuditEvent,
    { projectId, namespace, site, actor }: NamespacePath & { site?: string; actor: Actor },
    more: Record<string, string | number> = {},
  ): Promise<void> {
    const details = { namespace, ...(site !== undefined && { site }), ...more };
    await audit.record(tx, { event, projectId, userId: null, actor, details });
  }

  async function namespace(path: NamespacePath): Promise<Namespace & { id: string }> {
    const found = await findNamespace(storage.db, path);
    if (!found) throw unknownNamespace();
    return found;
  }

  async function find(path: SitePath): Promise<Site & { hasUnpublished: boolean }> {
    const site = await findSite(storage.db, path);
    if (!site) throw unknownSite();
    return { ...site, hasUnpublished: await hasUnpublished(storage.db, site.id) };
  }

  return {
    async createNamespace({ projectId, namespace: code, name, actor }) {
      const now = clock();
      const id = newId('ns', now, random);
      await storage.transaction(async (tx) => {
        const row = { id, project_id: projectId, code, name, created_at: now, updated_at: now };
        if (!(await insertNamespace(tx, row))) throw new AuthError('site-code-taken', { what: 'namespace' });
        await record(tx, 'namespace.created', { projectId, namespace: code, actor });
      });
      return { code, name, createdAt: now, updatedAt: now };
    },
    namespace,
    listNamespaces: (search) => listNamespaces(storage.db, search),
    async renameNamespace(change) {
      await storage.transaction(async (tx) => {
        if (!(await renameNamespace(tx, { ...change, now: clock() }))) throw unknownNamespace();
        await record(tx, 'namespace.changed', change);
      });
      return await namespace(change);
    },
    async deleteNamespace(gone) {
      await storage.transaction(async (tx) => {
        if (!(await deleteNamespace(tx, gone))) throw unknownNamespace();
        await storage.channel.publish(tx, namespaceChanged(gone));
        await record(tx, 'namespace.deleted', gone);
      });
    },
    async create({ name, actor, ...path }) {
      const now = clock();
      const id = newId('site', now, random);
      await storage.transaction(async (tx) => {
        const namespaceId = await holdNamespace(tx, path);
        if (namespaceId === null) throw unknownNamespace();
        const made = { id, projectId: path.projectId, namespaceId, code: path.site, name, now };
        if (!(await insertSite(tx, made))) throw new AuthError('site-code-taken', { what: 'site' });
        await record(tx, 'site.created', { ...path, actor });
      });
      return await find(path);
    },
    find,
    async list({ projectId, namespace: code, ...search }) {
      return await listSites(storage.db, {
        ...search,
        namespace: await namespace({ projectId, namespace: code }),
      });
    },
    async rename({ name, actor, ...path }) {
      return await storage.transaction(async (tx) => {
        const site = await holdSite(tx, path, { now: clock(), name });
        if (!site) throw unknownSite();
        await record(tx, 'site.changed', { ...path, actor });
        return site;
      });
    },
    async delete({ actor, ...path }) {
      await storage.transaction(async (tx) => {
        if (!(await deleteSite(tx, path))) throw unknownSite();
        await storage.channel.publish(tx, siteChanged(path));
        await record(tx, 'site.deleted', { ...path, actor });
      });
    },
    async publish({ actor, ...path }) {
      return await storage.transaction(async (tx) => {
        const now = clock();
        // Held first, so that of any number of publishers each raises the version that the one before has made.
        const site = await holdSite(tx, path, { now });
        if (!site) throw unknownSite();
        const { changes, ...more } = await publishDrafts(tx, site.id);
        await raiseVersion(tx, site.id, { ...more, now });
        await storage.channel.publish(tx, siteChanged(path));
        const version = site.version + 1;
        await record(tx, 'site.published', { ...path, actor }, { version, changes });
        return {
          ...site,
          version,
          publishedRedirects: site.publishedRedirects + more.redirects,
          publishedPages: site.publishedPages + more.pages,
          publishedAt: now,
        };
      });
    },
    async version(path) {
      const known = versions.get(siteChanged(path).key);
      if (known) return known.version;
      const reading = versions.reading();
      const site = await findSite(storage.db, path);
      if (!site) throw unknownSite();
      reading.keep({ ...path, version: site.version });
      return site.version;
    },
    close: () => versions.close(),
  };
}
