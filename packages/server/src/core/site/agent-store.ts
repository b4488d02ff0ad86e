import { type Database, prepared, type Queryable } from '../../storage/index.ts';
import { rangeOf } from './prefix.ts';
import type { SitePath } from './site-store.ts';

export interface AgentRow {
  name: string;
  type: string;
  version: number;
  status: string;
  /** Nanoseconds. */
  loadDuration: number;
  error: string;
  createdAt: number;
  lastHitAt: number;
}

interface Report {
  siteId: string;
  name: string;
  type: string;
  version: number;
  status: string;
  loadDuration: number;
  error: string;
  now: number;
}

const upsert = prepared((db, report: Report) =>
  db
    .insertInto('agent')
    .values({
      site_id: report.siteId,
      name: report.name,
      type: report.type,
      version: report.version,
      status: report.status,
      load_duration: report.loadDuration,
      error: report.error,
      created_at: report.now,
      last_hit_at: report.now,
    })
    .onConflict((conflict) =>
      conflict.columns(['site_id', 'name']).doUpdateSet(({ ref }) => ({
        type: ref('excluded.type'),
        version: ref('excluded.version'),
        status: ref('excluded.status'),
        load_duration: ref('excluded.load_duration'),
        error: ref('excluded.error'),
        last_hit_at: ref('excluded.last_hit_at'),
      })),
    ),
);

export async function upsertAgent(db: Queryable, report: Report): Promise<void> {
  await upsert(db, report);
}

/** Overwrites a known agent's row; its status only if there is one. False for an unknown one. */
export async function updateAgent(
  db: Queryable,
  {
    siteId,
    name,
    type,
    version,
    status,
    loadDuration,
    error,
    now,
  }: Omit<Report, 'status'> & {
    status: string | null;
  },
): Promise<boolean> {
  const updated = await db
    .updateTable('agent')
    .set({
      type,
      version,
      ...(status !== null && { status }),
      load_duration: loadDuration,
      error,
      last_hit_at: now,
    })
    .where('site_id', '=', siteId)
    .where('name', '=', name)
    .executeTakeFirst();
  return updated.numUpdatedRows > 0n;
}

const hit = prepared((db, values: SitePath & { name: string; now: number }) =>
  db
    .updateTable('agent')
    .set({ last_hit_at: values.now })
    .where('name', '=', values.name)
    .where('site_id', '=', ({ selectFrom }) =>
      selectFrom('namespace')
        .innerJoin('site', 'site.namespace_id', 'namespace.id')
        .select('site.id')
        .where('namespace.project_id', '=', values.projectId)
        .where('namespace.code', '=', values.namespace)
        .where('site.code', '=', values.site),
    ),
);

/** One statement from path to row: agents do nothing more often. False when site or agent is not there. */
export async function hitAgent(
  db: Queryable,
  values: SitePath & { name: string; now: number },
): Promise<boolean> {
  return ((await hit(db, values)).numAffectedRows ?? 0n) > 0n;
}

/** In the order of their names. */
export async function listAgents(
  db: Database,
  search: { siteId: string; query: string; after: string | null; limit: number },
): Promise<AgentRow[]> {
  const { from, below } = rangeOf(search.query);
  let select = db
    .selectFrom('agent')
    .select([
      'name',
      'type',
      'version',
      'status',
      'load_duration as loadDuration',
      'error',
      'created_at as createdAt',
      'last_hit_at as lastHitAt',
    ])
    .where('site_id', '=', search.siteId)
    .where('name', '>=', from)
    .where('name', '<', below)
    .orderBy('name')
    .limit(search.limit);
  if (search.after !== null) select = select.where('name', '>', search.after);
  return await select.execute();
}

export async function deleteAgent(
  db: Queryable,
  { siteId, name }: { siteId: string; name: string },
): Promise<boolean> {
  const deleted = await db
    .deleteFrom('agent')
    .where('site_id', '=', siteId)
    .where('name', '=', name)
    .executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}
