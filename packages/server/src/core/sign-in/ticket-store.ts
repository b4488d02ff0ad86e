import { sql } from 'kysely';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Queryable,
  type Transaction,
} from '../../storage/index.ts';
import type { Origin } from '../origin.ts';
import type { Surface } from '../session/index.ts';
import type { Occasion, ProofShown } from './policy.ts';

export type Owes = 'proof' | 'enrolment' | 'approval';

/** A sign-in in progress: who it is for, what was shown, and from where. */
export interface Ticket {
  hash: string;
  owes: Owes;
  projectId: string;
  userId: string;
  surface: Surface;
  occasion: Occasion;
  proofs: ProofShown[];
  origin: Origin;
  passwordChangedAt: number | null;
  createdAt: number;
  expiresAt: number;
}

export interface NewTicket extends Ticket {
  link: { hash: string; sealed: string } | null;
}

export async function insertTicket(tx: Transaction, ticket: NewTicket): Promise<void> {
  await tx
    .insertInto('sign_in_ticket')
    .values({
      hash: ticket.hash,
      owes: ticket.owes,
      project_id: ticket.projectId,
      user_id: ticket.userId,
      surface: ticket.surface,
      occasion: ticket.occasion,
      proofs: JSON.stringify(ticket.proofs),
      origin: JSON.stringify(ticket.origin),
      password_changed_at: ticket.passwordChangedAt,
      created_at: ticket.createdAt,
      expires_at: ticket.expiresAt,
      consumed_at: null,
      attempts: 0,
      link_hash: ticket.link?.hash ?? null,
      link_sealed: ticket.link?.sealed ?? null,
      resent_at: null,
      outcome: null,
      outcome_until: null,
    })
    .execute();
}

/** When the tickets of this kind end that were made for the user, spent ones too; the caller holds the user. */
export async function listTicketEnds(
  tx: Transaction,
  {
    userId,
    owes,
    passwordChangedAt,
    now,
  }: Pick<Ticket, 'userId' | 'owes' | 'passwordChangedAt'> & { now: number },
): Promise<number[]> {
  const rows = await tx
    .selectFrom('sign_in_ticket')
    .select('expires_at')
    .where('user_id', '=', userId)
    .where('owes', '=', owes)
    .where('password_changed_at', passwordChangedAt === null ? 'is' : '=', passwordChangedAt)
    .where('expires_at', '>', now)
    .execute();
  return rows.map((row) => row.expires_at);
}

interface Presented {
  /** Null for the mail of any project: its secret alone says whose it is. */
  projectId: string | null;
  owes: Owes;
  now: number;
}

type Named = { hash: string } | { linkHash: string };

/** The open ticket of this hash, or of this mail's secret; null for anything expired, spent or of another kind. */
export async function findTicket(db: Queryable, presented: Presented & Named): Promise<OpenTicket | null> {
  let select = db
    .selectFrom('sign_in_ticket')
    .selectAll()
    .where(
      'hash' in presented ? 'hash' : 'link_hash',
      '=',
      'hash' in presented ? presented.hash : presented.linkHash,
    )
    .where('owes', '=', presented.owes)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', presented.now);
  if (presented.projectId !== null) select = select.where('project_id', '=', presented.projectId);
  const row = await select.executeTakeFirst();
  if (!row) return null;
  return {
    hash: row.hash,
    owes: row.owes,
    projectId: row.project_id,
    userId: row.user_id,
    surface: row.surface,
    occasion: row.occasion,
    proofs: JSON.parse(row.proofs) as ProofShown[],
    origin: JSON.parse(row.origin) as Origin,
    passwordChangedAt: row.password_changed_at,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    linkSealed: row.link_sealed,
    resentAt: row.resent_at,
  };
}

export interface OpenTicket extends Ticket {
  linkSealed: string | null;
  resentAt: number | null;
}

/** Commits one try, or says no when they are used up: parallel guesses cannot outrun it. */
export async function spendAttempt(
  db: Queryable,
  ticket: { hash: string; limit: number; now: number },
): Promise<boolean> {
  return await consumed(
    db
      .updateTable('sign_in_ticket')
      .set({ attempts: sql<number>`attempts + 1` })
      .where('hash', '=', ticket.hash)
      .where('attempts', '<', ticket.limit)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', ticket.now),
  );
}

/** A try that was never judged, because our own infrastructure failed. */
export async function returnAttempt(db: Queryable, hash: string): Promise<void> {
  await db
    .updateTable('sign_in_ticket')
    .set({ attempts: sql<number>`attempts - 1` })
    .where('hash', '=', hash)
    .where('attempts', '>', 0)
    .execute();
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendTicket(tx: Transaction, ticket: { hash: string; now: number }): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('sign_in_ticket')
      .set({ consumed_at: ticket.now })
      .where('hash', '=', ticket.hash)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', ticket.now),
  );
}

/** Takes the one repetition of a ticket's mail. */
export async function spendResend(tx: Transaction, ticket: { hash: string; now: number }): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('sign_in_ticket')
      .set({ resent_at: ticket.now })
      .where('hash', '=', ticket.hash)
      .where('resent_at', 'is', null)
      .where('consumed_at', 'is', null),
  );
}

/** Keeps the sealed token where the client that holds the ticket can fetch it. */
export async function saveOutcome(
  tx: Transaction,
  outcome: { hash: string; sealed: string; until: number },
): Promise<void> {
  await tx
    .updateTable('sign_in_ticket')
    .set({ outcome: outcome.sealed, outcome_until: outcome.until })
    .where('hash', '=', outcome.hash)
    .execute();
}

/** The sealed token of an approved attempt, as long as it is kept. */
export async function findOutcome(
  db: Queryable,
  asked: { projectId: string; hash: string; now: number },
): Promise<{ userId: string; sealed: string } | null> {
  const row = await db
    .selectFrom('sign_in_ticket')
    .select(['user_id', 'outcome'])
    .where('hash', '=', asked.hash)
    .where('project_id', '=', asked.projectId)
    .where('outcome_until', '>', asked.now)
    .executeTakeFirst();
  return row?.outcome ? { userId: row.user_id, sealed: row.outcome } : null;
}

/** Ends every sign-in of a user that is under way, and takes back what an approved one has not fetched yet. */
export async function voidTickets(tx: Transaction, of: { userId: string; now: number }): Promise<void> {
  await tx
    .updateTable('sign_in_ticket')
    .set({ expires_at: of.now, outcome: null, outcome_until: null })
    .where('user_id', '=', of.userId)
    .execute();
}

/** Judged at use, not here: this only keeps the table small. An outcome never outlives its ticket by more than its minute. */
export async function deleteExpiredTickets(db: Database, now: number): Promise<void> {
  const where = sql`expires_at <= ${now} and (outcome_until is null or outcome_until <= ${now})`;
  await deleteInBatches(db, { from: 'sign_in_ticket', key: 'hash', where });
}
