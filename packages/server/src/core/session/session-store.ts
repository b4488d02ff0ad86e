import { sql } from 'kysely';
import {
  consumed,
  type Database,
  deleteInBatches,
  prepared,
  type Queryable,
  type Tables,
  type Transaction,
} from '../../storage/index.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../surface.ts';

export interface StoredSession {
  id: string;
  projectId: string;
  surface: Surface;
  tokenHash: string;
  createdAt: number;
  lastUsedAt: number;
  address: string;
  network: string;
  userAgent: string | null;
  isDesktop: boolean;
}

/** A session as its user or an operator sees it. */
export interface SessionListing extends StoredSession {
  /** When it ends if it is not used again. */
  expiresAt: number;
}

interface NewSession {
  id: string;
  projectId: string;
  userId: string;
  surface: Surface;
  tokenHash: string;
  at: number;
  origin: Origin;
  upstreamRoles: readonly string[] | null;
  methods: readonly string[];
  isMultiFactor: boolean;
}

const insert = prepared((db, row: Omit<Tables['session'], 'last_used_at' | 'elevated_until'>) =>
  db.insertInto('session').values({
    id: row.id,
    project_id: row.project_id,
    user_id: row.user_id,
    surface: row.surface,
    token_hash: row.token_hash,
    created_at: row.created_at,
    last_used_at: row.created_at,
    elevated_until: null,
    address: row.address,
    network: row.network,
    user_agent: row.user_agent,
    is_desktop: row.is_desktop,
    upstream_roles: row.upstream_roles,
    methods: row.methods,
    is_multi_factor: row.is_multi_factor,
  }),
);

export async function insertSession(tx: Transaction, session: NewSession): Promise<void> {
  await insert(tx, {
    id: session.id,
    project_id: session.projectId,
    user_id: session.userId,
    surface: session.surface,
    token_hash: session.tokenHash,
    created_at: session.at,
    address: session.origin.address,
    network: session.origin.network,
    user_agent: session.origin.userAgent,
    is_desktop: session.origin.isDesktop ? 1 : 0,
    upstream_roles: session.upstreamRoles && JSON.stringify(session.upstreamRoles),
    methods: session.methods.join(','),
    is_multi_factor: session.isMultiFactor ? 1 : 0,
  });
}

/** A user's sessions, newest use first; the caller leaves out those past their time. */
export async function listSessionsOf(db: Queryable, userId: string): Promise<StoredSession[]> {
  const rows = await db
    .selectFrom('session')
    .select([
      'id',
      'project_id',
      'surface',
      'token_hash',
      'created_at',
      'last_used_at',
      'address',
      'network',
      'user_agent',
      'is_desktop',
    ])
    .where('user_id', '=', userId)
    .orderBy('last_used_at', 'desc')
    .limit(1_000)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    surface: row.surface,
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    address: row.address,
    network: row.network,
    userAgent: row.user_agent,
    isDesktop: row.is_desktop === 1,
  }));
}

export interface Ended {
  id: string;
  project_id: string;
  token_hash: string;
}

/** Held by id, as their last uses are written, so that the two do not wait for each other. */
export async function holdSessions(tx: Transaction, userIds: readonly string[]): Promise<void> {
  await tx
    .selectFrom('session')
    .select('id')
    .where('user_id', 'in', [...userIds, ''])
    .orderBy('id')
    .forUpdate()
    .execute();
}

/** Ends those of the user's sessions that are named, by token hash or id; says which were there. */
export async function deleteSessions(
  tx: Transaction,
  of: { userId: string; tokenHashes?: readonly string[]; ids?: readonly string[]; except?: string },
): Promise<Ended[]> {
  if (of.ids?.length !== 1) await holdSessions(tx, [of.userId]);
  let statement = tx.deleteFrom('session').where('user_id', '=', of.userId);
  if (of.tokenHashes) statement = statement.where('token_hash', 'in', [...of.tokenHashes, '']);
  if (of.ids) statement = statement.where('id', 'in', [...of.ids, '']);
  if (of.except !== undefined) statement = statement.where('id', '!=', of.except);
  return await statement.returning(['id', 'project_id', 'token_hash']).execute();
}

export async function hasSession(tx: Transaction, session: { id: string; userId: string }): Promise<boolean> {
  const row = await tx
    .selectFrom('session')
    .select('id')
    .where('id', '=', session.id)
    .where('user_id', '=', session.userId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Replaces a live session's token and elevation; false when the session has ended meanwhile. */
export async function replaceToken(
  tx: Transaction,
  session: { id: string; from: string; tokenHash: string; elevatedUntil: number | null; now: number },
): Promise<boolean> {
  const row = await tx
    .updateTable('session')
    .set({ token_hash: session.tokenHash, elevated_until: session.elevatedUntil, last_used_at: session.now })
    .where('id', '=', session.id)
    .where('token_hash', '=', session.from)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes a second factor, and its method after those that were shown before; false when the session has ended. */
export async function saveMultiFactor(
  tx: Transaction,
  shown: { id: string; userId: string; method: string },
): Promise<boolean> {
  const added = sql<string>`case
    when coalesce(methods, '') = '' then ${shown.method}
    when ',' || methods || ',' like ${`%,${shown.method},%`} then methods
    else methods || ',' || ${shown.method} end`;
  return await consumed(
    tx
      .updateTable('session')
      .set({ methods: added, is_multi_factor: 1 })
      .where('id', '=', shown.id)
      .where('user_id', '=', shown.userId),
  );
}

/** Whether a session has not been ended since it was looked up. */
export async function sessionExists(tx: Queryable, sessionId: string): Promise<boolean> {
  const row = await tx.selectFrom('session').select('id').where('id', '=', sessionId).executeTakeFirst();
  return row !== undefined;
}

const findFrom = prepared((db, { userId, network }: { userId: string; network: string }) =>
  db
    .selectFrom('session')
    .innerJoin('user', 'user.id', 'session.user_id')
    .select('session.id')
    .where('session.user_id', '=', userId)
    .where('session.network', '=', network)
    .where(({ or, eb }) =>
      or([eb('surface', '!=', 'flux'), eb('is_multi_factor', '=', 1), eb('user.factors', '=', '')]),
    )
    .limit(1),
);

/**
 * Whether a user has a session from a network: there, a stranger's failures must not lock the owner out (K04). Not one
 * that Flux's API made while a factor was owed: whoever has the password could have one in every network there is.
 */
export async function hasSessionFrom(db: Queryable, userId: string, network: string): Promise<boolean> {
  return (await findFrom(db, { userId, network })).rows.length > 0;
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredSessions(
  db: Database,
  unusedSince: { flux: number; others: number },
): Promise<void> {
  const { flux, others } = unusedSince;
  // Of both by the index; what is between is looked at.
  const where = sql`last_used_at <= ${Math.max(flux, others)}
    and (last_used_at <= ${flux} or (surface <> 'flux' and last_used_at <= ${others}))`;
  await deleteInBatches(db, { from: 'session', key: 'id', where });
}
