import { type Database, prepared, type Tables, type Transaction } from '../../storage/index.ts';

export interface AuditRecord {
  id: string;
  at: number;
  event: string;
  userId: string | null;
  actorId: string | null;
  sessionId: string | null;
  method: string | null;
  outcome: string | null;
  address: string | null;
  userAgent: string | null;
  details: Record<string, string | number | boolean | null>;
}

const insert = prepared((db, row: Tables['audit_record']) =>
  db.insertInto('audit_record').values({
    id: row.id,
    project_id: row.project_id,
    at: row.at,
    event: row.event,
    user_id: row.user_id,
    actor_id: row.actor_id,
    session_id: row.session_id,
    method: row.method,
    outcome: row.outcome,
    address: row.address,
    user_agent: row.user_agent,
    details: row.details,
  }),
);

export async function insertAuditRecord(tx: Transaction, row: Tables['audit_record']): Promise<void> {
  await insert(tx, row);
}

/** Takes from where a deleted user, or whoever tried to be them, came; that it happened stays on record (M08). */
export async function forgetPlacesOf(
  tx: Transaction,
  { projectId, userId }: { projectId: string; userId: string },
): Promise<void> {
  await tx
    .updateTable('audit_record')
    .set({ address: null, user_agent: null })
    .where('project_id', '=', projectId)
    .where('user_id', '=', userId)
    .where(({ or, eb }) => or([eb('actor_id', 'is', null), eb('actor_id', '=', userId)]))
    .execute();
}

interface AuditQuery {
  projectId: string;
  userId: string | null;
  /** Beginning of the event's name, such as `sign-in.`. */
  event: string | null;
  /** Id of the last record already seen. */
  after: string | null;
  limit: number;
}

/** Newest first. Ids sort by time, so the id alone is the cursor. */
export async function listAuditRecords(db: Database, query: AuditQuery): Promise<AuditRecord[]> {
  let select = db
    .selectFrom('audit_record')
    .selectAll()
    .where('project_id', '=', query.projectId)
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.userId !== null) select = select.where('user_id', '=', query.userId);
  if (query.event !== null) {
    select = select.where('event', '>=', query.event).where('event', '<', `${query.event}\u{10ffff}`);
  }
  if (query.after !== null) select = select.where('id', '<', query.after);
  const rows = await select.execute();
  return rows.map((row) => ({
    id: row.id,
    at: row.at,
    event: row.event,
    userId: row.user_id,
    actorId: row.actor_id,
    sessionId: row.session_id,
    method: row.method,
    outcome: row.outcome,
    address: row.address,
    userAgent: row.user_agent,
    details: JSON.parse(row.details) as AuditRecord['details'],
  }));
}
