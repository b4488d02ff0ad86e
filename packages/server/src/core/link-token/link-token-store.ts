import { sql } from 'kysely';
import type { Chance } from '../../chance.ts';
import { randomBase62, tokenHash } from '../../crypto/index.ts';
import {
  consumed,
  type Database,
  deleteInBatches,
  type Queryable,
  type Transaction,
} from '../../storage/index.ts';
import type { LinkTokenKind } from '../errors.ts';

const LENGTH = 64;

interface LinkToken {
  kind: LinkTokenKind;
  projectId: string;
  userId: string | null;
  address: string | null;
}

/** Makes the secret and stores its hash; the text itself exists only in the link. */
export async function createLinkToken(
  tx: Transaction,
  { clock, random }: Chance,
  token: LinkToken & { lifeMs: number },
): Promise<string> {
  const text = randomBase62(random, LENGTH);
  await tx
    .insertInto('link_token')
    .values({
      hash: tokenHash(text),
      kind: token.kind,
      project_id: token.projectId,
      user_id: token.userId,
      address: token.address,
      expires_at: clock() + token.lifeMs,
      consumed_at: null,
    })
    .execute();
  return text;
}

interface Presented {
  kind: LinkTokenKind;
  /** Null: whichever it was made for. */
  projectId: string | null;
  text: string;
  now: number;
}

/** What an unspent, unexpired token stands for; null otherwise. Changes nothing. */
export async function findLinkToken(
  db: Queryable,
  presented: Presented,
): Promise<(LinkToken & { expiresAt: number }) | null> {
  let select = db
    .selectFrom('link_token')
    .select(['kind', 'project_id', 'user_id', 'address', 'expires_at'])
    .where('hash', '=', tokenHash(presented.text))
    .where('kind', '=', presented.kind)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', presented.now);
  if (presented.projectId !== null) select = select.where('project_id', '=', presented.projectId);
  const row = await select.executeTakeFirst();
  return row
    ? {
        kind: row.kind,
        projectId: row.project_id,
        userId: row.user_id,
        address: row.address,
        expiresAt: row.expires_at,
      }
    : null;
}

/**
 * Holds a user's unspent tokens until the transaction ends, in one order. Called before any other row is taken by
 * whoever spends or voids more than one of them: of two who did so one by one, each would wait for the other's.
 */
export async function holdLinkTokens(tx: Transaction, userId: string): Promise<void> {
  await tx
    .selectFrom('link_token')
    .select('hash')
    .where('user_id', '=', userId)
    .where('consumed_at', 'is', null)
    .orderBy('hash')
    .forUpdate()
    .execute();
}

/** Spends it: of any number of parallel callers exactly one is told yes. */
export async function spendLinkToken(
  tx: Transaction,
  presented: Presented & { projectId: string },
): Promise<boolean> {
  return await consumed(
    tx
      .updateTable('link_token')
      .set({ consumed_at: presented.now })
      .where('hash', '=', tokenHash(presented.text))
      .where('kind', '=', presented.kind)
      .where('project_id', '=', presented.projectId)
      .where('consumed_at', 'is', null)
      .where('expires_at', '>', presented.now),
  );
}

/**
 * Ends every unspent token of a kind, of one user or (null) of nobody in particular; with `endingFrom` only those
 * that end then or later, which of one kind are those made since.
 */
export async function voidLinkTokens(
  tx: Transaction,
  of: { kind: LinkTokenKind; userId: string | null; now: number; endingFrom?: number },
): Promise<void> {
  await tx
    .updateTable('link_token')
    .set({ consumed_at: of.now })
    .where('kind', '=', of.kind)
    .where('user_id', of.userId === null ? 'is' : '=', of.userId)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>=', of.endingFrom ?? 0)
    .execute();
}

/** Judged at use, not here: this only keeps the table small. */
export async function deleteExpiredLinkTokens(db: Database, now: number): Promise<void> {
  await deleteInBatches(db, { from: 'link_token', key: 'hash', where: sql`expires_at <= ${now}` });
}
